"""How pytest-xdist shares the tests out: one by one, but all that need the same heavy thing to the same worker."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/cluster/", "tests/faults/", "tests/store/test_query_plans.py")
"""Whose tests share servers, or many rows, that a machine should have only once at a time."""


class WorkShares(LoadScopeScheduling):
    # pytest-xdist's own loadgroup renames tests, which pytest 9.2 no longer notices.
    def _split_scope(self, nodeid: str) -> str:
        return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WorkShares:
    return WorkShares(config, log)

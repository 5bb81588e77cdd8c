from __future__ import annotations

import pytest

from realtime_app.errors import VersionStale
from realtime_app.services.versions import require_version

CURRENT = {"id": "a", "version": 3}


@pytest.mark.parametrize("if_match", [None, frozenset({3}), frozenset({1, 3})])
def test_a_version_that_is_allowed_passes(if_match: frozenset[int] | None) -> None:
    require_version("Task", CURRENT, if_match)


@pytest.mark.parametrize("if_match", [frozenset({2}), frozenset({4}), frozenset()])
def test_any_other_version_is_refused_with_the_current_row(if_match: frozenset[int]) -> None:
    with pytest.raises(VersionStale, match="now at version 3") as stale:
        require_version("Task", CURRENT, if_match)

    assert stale.value.current == CURRENT

from __future__ import annotations

from typing import Any

import pytest

from realtime_app.core.changes import changed_fields

BEFORE = {"title": "Write", "notes": None, "version": 1, "updatedAt": "2026-11-23T09:00:00.000Z"}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"notes": "soon"}, ["notes"]),
        ({"notes": "", "title": "Read"}, ["title", "notes"]),
        ({"version": 2, "updatedAt": "2026-11-23T09:01:00.000Z"}, []),
    ],
)
def test_only_what_differs_by_itself_is_named(change: dict[str, Any], fields: list[str]) -> None:
    assert changed_fields(BEFORE, BEFORE | change) == fields

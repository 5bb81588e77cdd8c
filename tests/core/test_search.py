from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.search import search_text


@given(st.text(), st.text())
def test_a_text_is_found_by_itself_whatever_its_case(title: str, notes: str) -> None:
    found_in = search_text(title, notes)

    assert title.casefold() in found_in
    assert notes.casefold() in found_in


@pytest.mark.parametrize("notes", [None, ""])
def test_missing_notes_are_empty(notes: str | None) -> None:
    assert search_text("Große", notes) == "grosse\x1f"


def test_the_title_does_not_run_into_the_notes() -> None:
    assert "football" not in search_text("foot", "ball")

"""Durations as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30), ("30s", 30), ("0.5s", 0.5), ("15m", 900), ("12h", 43200), ("7d", 604800), (" 2 W ", 1209600)],
)
def test_a_number_and_a_unit_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "-1d", "1y", "1d 2h", "1e9", "١d", "nan", "inf", "9999999999"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="like 30s, 15m, 12h or 7d"):
        parse_duration(text)


@given(st.integers(0, 999_999))
def test_what_is_written_is_read_as_the_same(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds

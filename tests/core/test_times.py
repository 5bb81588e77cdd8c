from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.times import MINUTES_PER_DAY, round_up, wall_clock, wire_time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("minute", "wire"), [(0, "00:00"), (9 * 60 + 5, "09:05"), (1439, "23:59"), (1440, "24:00")])
def test_minutes_are_written_as_hours_and_minutes(minute: int, wire: str) -> None:
    assert wire_time(minute) == wire


@given(st.integers(0, MINUTES_PER_DAY), st.integers(1, 60))
def test_rounding_up_gives_the_nearest_multiple_not_before(minute: int, step: int) -> None:
    rounded = round_up(minute, step)

    assert rounded % step == 0
    assert 0 <= rounded - minute < step


def test_an_instant_is_read_in_its_zone() -> None:
    clock = wall_clock(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), BERLIN)

    assert clock == (date(2026, 11, 24), 30, 30)


def test_the_next_whole_minute_stays_on_the_day_when_seconds_have_passed() -> None:
    clock = wall_clock(datetime(2026, 11, 23, 23, 59, 0, 1000, tzinfo=UTC), UTC)

    assert clock == (date(2026, 11, 23), 1439, 1440)


def test_both_passes_read_alike_when_the_clocks_go_back() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    assert wall_clock(first, BERLIN) == wall_clock(second, BERLIN) == (date(2026, 10, 25), 150, 150)


def test_an_hour_is_skipped_when_the_clocks_go_forward() -> None:
    before, after = datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

    assert [wall_clock(moment, BERLIN).minute for moment in (before, after)] == [119, 180]


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("hours", [-14, 14])
def test_an_instant_has_a_day_at_the_ends_of_the_calendar(moment: datetime, hours: int) -> None:
    clock = wall_clock(moment, timezone(timedelta(hours=hours)))

    assert clock.day.year == moment.year

"""Times of a day as minutes since its midnight, 0 to 1440, and instants as a clock on the wall shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

MINUTES_PER_DAY = 1440

# No zone is further than a day from UTC: inside these bounds every instant has a local date.
_EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


class WallClock(NamedTuple):
    """`minute` is the last whole minute not after the instant, `minute_rounded_up` the first one not before it."""

    day: date
    minute: int
    minute_rounded_up: int


def wall_clock(moment: datetime, zone: tzinfo) -> WallClock:
    """Where the clocks go back, both passes of the repeated hour read alike; instants at the calendar's ends are drawn
    in by a day."""
    local = min(max(moment, _EARLIEST), _LATEST).astimezone(zone)
    minute = local.hour * 60 + local.minute
    is_whole = local.second == 0 and local.microsecond == 0
    return WallClock(local.date(), minute, minute if is_whole else minute + 1)


def wire_time(minute: int) -> str:
    """`HH:MM`; the end of the day is `24:00`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def round_up(minute: int, step: int) -> int:
    """The first multiple of `step` not before `minute`."""
    return -(-minute // step) * step


def whole_milliseconds(moment: datetime) -> datetime:
    """The wire carries milliseconds: what is stored must not be finer than what is answered."""
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)

import pytest

from realtime_app.broker.running_time import RunningTime


def ticked(*instants: float) -> RunningTime:
    running_time = RunningTime(tick_seconds=1.0, late_seconds=2.0)
    for now in instants:
        running_time.tick(now)
    return running_time


def test_first_tick_counts_nothing() -> None:
    assert ticked(1_000.0).seconds == 0.0


def test_timely_ticks_add_up() -> None:
    assert ticked(10.0, 11.0, 12.5, 15.5).seconds == pytest.approx(5.5)


def test_tick_counts_nothing_when_it_is_too_late() -> None:
    assert ticked(10.0, 11.0, 14.1, 15.1).seconds == pytest.approx(2.0)


def test_each_tick_tells_what_it_counted() -> None:
    running_time = ticked(10.0)

    assert [running_time.tick(now) for now in (11.0, 61.0, 61.5)] == [1.0, 0.0, 0.5]

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.heartbeat import LATE_SECONDS, Beat, HeartbeatSchedule


def started(interval_seconds: float = 30, timeout_seconds: float = 20, now: float = 1000.0) -> HeartbeatSchedule:
    schedule = HeartbeatSchedule(interval_seconds, timeout_seconds)
    schedule.start(now)
    return schedule


def beats(schedule: HeartbeatSchedule, seconds: float, now: float = 1000.0) -> list[tuple[float, Beat]]:
    """One beat a tick, each with its time since the start."""
    count = round(seconds / schedule.tick_seconds)
    instants = [(number + 1) * schedule.tick_seconds for number in range(count)]
    return [(instant, schedule.advance(now + instant)) for instant in instants]


@pytest.mark.parametrize("interval_seconds", [0.2, 1, 10, 30, 45.5, 600])
def test_every_slice_is_pinged_once_an_interval_evenly(interval_seconds):
    schedule = started(interval_seconds)
    for _ in range(2):
        made = beats(schedule, interval_seconds, now=1000.0 + schedule._tick * schedule.tick_seconds)
        assert sorted(index for _, beat in made for index in beat.pinged) == list(range(schedule.slices))
        assert all(len(beat.pinged) == 1 for _, beat in made)


def test_a_ping_of_the_default_interval_goes_out_every_quarter_of_a_second():
    assert started(30).tick_seconds == 0.25


@given(st.floats(1, 60), st.floats(1, 60), st.lists(st.floats(0.01, LATE_SECONDS), max_size=40))
def test_nobody_is_judged_before_the_timeout_and_everybody_soon_after(interval_seconds, timeout_seconds, gaps):
    schedule = started(interval_seconds, timeout_seconds)
    now, pinged_at = 1000.0, {}
    for gap in [*gaps, *[schedule.tick_seconds] * (schedule.slices * 4)]:
        now += gap
        beat = schedule.advance(now)
        for index, tick in beat.judged:
            waited = now - pinged_at.pop((index, tick))
            assert timeout_seconds <= waited + 1e-3
            assert waited <= timeout_seconds + 3 * schedule.tick_seconds + LATE_SECONDS
        pinged_at |= {(index, beat.tick): now for index in beat.pinged}


def test_missed_ticks_are_made_up_for_when_the_loop_was_busy():
    schedule = started()
    beat = schedule.advance(1001.5)
    assert beat == Beat(tick=6, pinged=(1, 2, 3, 4, 5, 6), judged=(), is_late=False)


def test_a_standstill_moves_every_deadline_by_its_length():
    schedule = started(30, 20)
    pinged = schedule.advance(1000.25)
    assert pinged.pinged == (1,)
    late = schedule.advance(1000.5 + 3600)
    assert (late.is_late, late.pinged, late.judged) == (True, (2,), ())
    before = beats(schedule, 19.5, now=1000.5 + 3600)
    assert all(beat.judged == () for _, beat in before)
    after = beats(schedule, 1, now=1000.5 + 3600 + 19.5)
    assert (1, pinged.tick) in [judged for _, beat in after for judged in beat.judged]


def test_nobody_is_judged_in_the_tick_that_ends_a_standstill():
    schedule = started(1, 1)
    beats(schedule, 1.25)
    late = schedule.advance(1000.0 + 1.25 + 10)
    assert late.judged == ()
    assert schedule.advance(1000.0 + 1.25 + 10.25).judged != ()


def test_a_tick_that_comes_early_does_nothing():
    assert started().advance(1000.1) == Beat(tick=0, pinged=(), judged=(), is_late=False)

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from realtime_app.core.day_schedule import Span, first_gap, first_gap_for_work, push_later
from realtime_app.core.times import MINUTES_PER_DAY

DAY = Span(0, MINUTES_PER_DAY)

minutes = st.integers(0, MINUTES_PER_DAY)
spans = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1]).map(Span._make)


def hours(start: float, end: float) -> Span:
    return Span(int(start * 60), int(end * 60))


def overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


@given(st.lists(spans, max_size=8), st.integers(1, 480), spans)
def test_no_earlier_span_fits_than_the_first_gap(busy: list[Span], length: int, within: Span) -> None:
    candidates = (Span(start, start + length) for start in range(within.start, within.end - length + 1))
    fitting = (span for span in candidates if not any(overlap(span, taken) for taken in busy))

    assert first_gap(busy, length, within) == next(fitting, None)


@pytest.mark.parametrize(
    ("busy", "length", "expected"),
    [
        ([], 30, hours(9, 9.5)),
        ([hours(9, 10), hours(10.25, 17)], 30, hours(17, 17.5)),
        ([hours(9, 10), hours(10.5, 17)], 30, hours(10, 10.5)),
        ([hours(8, 17.75)], 30, hours(18, 18.5)),
        ([hours(9, 18), hours(18.5, 20)], 60, hours(20, 21)),
        ([hours(9, 24)], 30, None),
        ([hours(9, 18)], 480, None),
    ],
)
def test_the_working_hours_come_before_the_evening(busy: list[Span], length: int, expected: Span | None) -> None:
    assert first_gap_for_work(busy, length, work_start_hour=9, work_end_hour=18) == expected


@pytest.mark.parametrize(
    ("not_before", "expected"),
    [
        (8 * 60, hours(9, 10)),
        (10 * 60 + 15, hours(10.25, 11.25)),
        (17 * 60 + 15, hours(18, 19)),
        (23 * 60, hours(23, 24)),
        (24 * 60, None),
    ],
)
def test_the_gap_starts_no_earlier_than_asked(not_before: int, expected: Span | None) -> None:
    assert first_gap_for_work([], 60, work_start_hour=9, work_end_hour=18, not_before=not_before) == expected


@pytest.mark.parametrize("end_hour", [0, 6, 22])
def test_working_hours_reach_midnight_when_they_end_on_the_next_day(end_hour: int) -> None:
    assert first_gap_for_work([hours(22, 23)], 60, work_start_hour=22, work_end_hour=end_hour) == hours(23, 24)


def test_later_blocks_move_only_as_far_as_they_would_overlap() -> None:
    later = {"second": hours(10, 11), "third": hours(11, 12), "fourth": hours(12.25, 13), "fifth": hours(14, 15)}

    pushed = push_later(hours(9, 10.5), later)

    assert pushed == {"second": hours(10.5, 11.5), "third": hours(11.5, 12.5), "fourth": hours(12.5, 13.25)}
    assert list(pushed) == ["second", "third", "fourth"]


def test_a_block_stays_when_the_resized_one_was_moved_behind_it() -> None:
    assert push_later(hours(13, 14), {"passed": hours(10, 11), "met": hours(13.5, 14.5)}) == {"met": hours(14, 15)}


def test_a_block_stays_when_it_only_touches() -> None:
    assert push_later(hours(9, 10), {"next": hours(10, 11)}) == {}


def test_blocks_that_overlap_each_other_stay_when_nothing_reaches_them() -> None:
    assert push_later(hours(9, 10), {"one": hours(10, 12), "other": hours(11, 13)}) == {}


def test_a_block_is_pushed_past_midnight_when_the_day_is_full() -> None:
    assert push_later(hours(9, 12), {"last": hours(11, 24)}) == {"last": hours(12, 25)}


@given(spans, st.dictionaries(st.text("ab", min_size=1, max_size=4), spans, max_size=8))
def test_pushed_blocks_keep_their_length_and_overlap_nothing_resized(resized: Span, later: dict[str, Span]) -> None:
    pushed = push_later(resized, later)
    assume(pushed)
    ends = [resized.end, *(span.end for span in pushed.values())]

    assert [span.start for span in pushed.values()] == ends[:-1]
    for block_id, span in (later | pushed).items():
        assert span.length == later[block_id].length
        assert not overlap(span, resized)
        assert span.start >= later[block_id].start

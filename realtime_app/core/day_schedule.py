"""Where blocks fit into a day: the first gap that is long enough, and how far a resized block pushes later ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from realtime_app.core.times import MINUTES_PER_DAY


class Span(NamedTuple):
    """Minutes of a day, `end` excluded: spans that touch don't overlap."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def first_gap(busy: Iterable[Span], length: int, within: Span) -> Span | None:
    """The earliest free span of this length that lies wholly within the window; busy spans may overlap."""
    start = within.start
    for span in sorted(busy):
        if span.start >= start + length:
            break
        start = max(start, span.end)
    return Span(start, start + length) if start + length <= within.end else None


def first_gap_for_work(
    busy: Iterable[Span], length: int, *, work_start_hour: int, work_end_hour: int, not_before: int = 0
) -> Span | None:
    """The first gap within the working hours, else the first one after them and before midnight.

    Working hours that don't end later than they start go on until midnight.
    """
    opening = work_start_hour * 60
    closing = work_end_hour * 60 if work_end_hour > work_start_hour else MINUTES_PER_DAY
    taken = list(busy)
    working_hours = Span(max(opening, not_before), closing)
    evening = Span(max(closing, not_before), MINUTES_PER_DAY)
    return first_gap(taken, length, working_hours) or first_gap(taken, length, evening)


def push_later(resized: Span, later: Mapping[str, Span]) -> dict[str, Span]:
    """The new spans of those of the later blocks that have to move, by id and in the order of time.

    One that would overlap the resized block, or a block pushed before it, moves on to where that one ends and keeps
    its length. A span may come to end after midnight: that is the caller's to refuse.
    """
    pushed: dict[str, Span] = {}
    free_from = resized.end
    for block_id, span in sorted(later.items(), key=lambda item: (item[1].start, item[0])):
        if span.end <= resized.start:
            continue
        if span.start >= free_from:
            break
        pushed[block_id] = Span(free_from, free_from + span.length)
        free_from = pushed[block_id].end
    return pushed

"""Counts how often something happened in a stretch of time, with two numbers that the caller keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateWindow:
    """At most `most` times in `seconds`, counted from the first of them; then a new window begins."""

    most: int
    seconds: float

    def count_one(self, count: int, since: float, now: float) -> tuple[int, float]:
        """The window's new count and beginning, after one more at `now`."""
        if count and now - since < self.seconds:
            return count + 1, since
        return 1, now

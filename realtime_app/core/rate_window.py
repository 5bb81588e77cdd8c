"""Counts how often something happened in the last seconds, from the instants that the caller keeps."""

from __future__ import annotations

from dataclasses import dataclass

Instants = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RateWindow:
    """At most `most` times in any `seconds`."""

    most: int
    seconds: float

    def count_one(self, recent: Instants, now: float) -> Instants:
        """The instants that still count at `now`, which is the last of them: a tuple of one while nothing is amiss."""
        return *(instant for instant in recent if now - instant < self.seconds), now

    def is_passed_by(self, recent: Instants) -> bool:
        return len(recent) > self.most

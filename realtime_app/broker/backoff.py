"""How long to wait before trying again."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """Doubling, capped and jittered delays: many processes that lost the same server must not return as one."""

    def __init__(self, first_seconds: float, cap_seconds: float, random: Callable[[], float]) -> None:
        self._first_seconds = first_seconds
        self._cap_seconds = cap_seconds
        self._random = random
        self._seconds = first_seconds

    def next_seconds(self) -> float:
        """Between half of the present delay and all of it."""
        delay = self._seconds * (1 + self._random()) / 2
        self._seconds = min(2 * self._seconds, self._cap_seconds)
        return delay

    def reset(self) -> None:
        self._seconds = self._first_seconds

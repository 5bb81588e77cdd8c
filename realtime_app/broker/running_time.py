"""Measures for how long this process has really been running."""

from __future__ import annotations


class RunningTime:
    """Seconds that passed in timely ticks. A process that stood still (SIGSTOP, suspend) has not waited for anybody."""

    def __init__(self, tick_seconds: float, late_seconds: float) -> None:
        """A tick more than `late_seconds` after the expected `tick_seconds` doesn't count."""
        self._longest_seconds = tick_seconds + late_seconds
        self._last_tick: float | None = None
        self.seconds = 0.0

    def tick(self, now: float) -> float:
        """Return how many seconds have counted since the last tick."""
        elapsed = 0.0 if self._last_tick is None else now - self._last_tick
        self._last_tick = now
        if elapsed > self._longest_seconds:
            return 0.0
        self.seconds += elapsed
        return elapsed

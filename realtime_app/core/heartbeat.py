"""When to ping which connections, and whose time is up: arithmetic on ticks, without a clock or a connection.

The connections are divided into slices; each tick pings one slice, so that pings are spread evenly over the interval.
Time counts in ticks that were really made: a process that stood still has not waited for anybody's pong.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

LATE_SECONDS = 2.0
"""A tick later than this was not slow but halted (SIGSTOP, suspend): all deadlines move by the delay."""

TICK_SECONDS = 0.25
"""A slice's share of the interval, if that is 100 s or less: there are no more than 400 slices."""

_MIN_SLICES = 4
_MAX_SLICES = 400


@dataclass(frozen=True, slots=True)
class Beat:
    """What is due now. `pinged` slices get a ping that counts as sent in `tick`.

    A connection of a slice in `judged` is silent when it owes a pong since that tick or an earlier one.
    """

    tick: int
    pinged: tuple[int, ...]
    judged: tuple[tuple[int, int], ...]
    is_late: bool


class HeartbeatSchedule:
    """One `advance` a tick; ticks that were missed by less than LATE_SECONDS are made up for."""

    def __init__(self, interval_seconds: float, timeout_seconds: float) -> None:
        self.slices = min(max(round(interval_seconds / TICK_SECONDS), _MIN_SLICES), _MAX_SLICES)
        self.tick_seconds = interval_seconds / self.slices
        # One more than enough: a ping may have gone out almost a tick late, and nobody is closed before the time.
        self._timeout_ticks = math.ceil(timeout_seconds / self.tick_seconds) + 1
        self._tick = 0
        self._origin: float = 0.0
        self._waiting: deque[tuple[int, int]] = deque()

    def start(self, now: float) -> None:
        self._origin = now - self._tick * self.tick_seconds

    def advance(self, now: float) -> Beat:
        is_late = self._skip_standstill(now)
        before, self._tick = self._tick, max(self._tick, int((now - self._origin) / self.tick_seconds + 1e-6))
        first = max(before + 1, self._tick + 1 - self.slices)
        pinged = tuple(tick % self.slices for tick in range(first, self._tick + 1))
        # What came during a standstill is read first, and judged a tick later.
        judged = () if is_late else self._judged()
        self._waiting.extend((index, self._tick) for index in pinged)
        return Beat(self._tick, pinged, judged, is_late)

    def _skip_standstill(self, now: float) -> bool:
        expected = self._origin + (self._tick + 1) * self.tick_seconds
        if (delay := now - expected) <= LATE_SECONDS:
            return False
        self._origin += delay
        return True

    def _judged(self) -> tuple[tuple[int, int], ...]:
        due = []
        while self._waiting and self._waiting[0][1] + self._timeout_ticks <= self._tick:
            due.append(self._waiting.popleft())
        return tuple(due)

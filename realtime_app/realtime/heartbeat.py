"""The one periodic callback for all connections: pings a share of them, closes the silent and the expired."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tornado.ioloop import PeriodicCallback

from realtime_app.core.close_codes import CloseCode
from realtime_app.core.heartbeat import TICK_SECONDS, HeartbeatSchedule
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.expiry import Expiry


class Heartbeat:
    """Knows every open connection from `add` to `discard`."""

    def __init__(
        self,
        schedule: HeartbeatSchedule,
        expiry: Expiry,
        *,
        read_arrived: Callable[[], None],
        running_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`read_arrived` reads the sockets at once: pongs may wait there when the process stood still."""
        self._schedule = schedule
        self._expiry = expiry
        self._read_arrived = read_arrived
        self._running_seconds = running_seconds
        self._slices: list[set[Connection]] = [set() for _ in range(schedule.slices)]
        self._next_slice = 0
        # Ticks that are early for the schedule are in time for the tokens, which expire to the second.
        self._callback = _SteadyCallback(self.tick, min(schedule.tick_seconds, TICK_SECONDS) * 1000)

    async def start(self) -> None:
        self._schedule.start(self._running_seconds())
        self._callback.start()

    async def close(self) -> None:
        self._callback.stop()

    def add(self, connection: Connection) -> None:
        """Its first ping comes within an interval; those who arrive together are spread over it."""
        connection.heartbeat_slice = self._next_slice
        self._slices[self._next_slice].add(connection)
        self._next_slice = (self._next_slice + 1) % len(self._slices)
        self._expiry.watch(connection)

    def discard(self, connection: Connection) -> None:
        self._slices[connection.heartbeat_slice].discard(connection)

    def connections(self) -> Iterator[Connection]:
        for members in self._slices:
            yield from members

    def tick(self) -> None:
        beat = self._schedule.advance(self._running_seconds())
        if beat.is_late:
            self._read_arrived()
        for index, tick in beat.judged:
            self._close_silent(self._slices[index], tick)
        for index in beat.pinged:
            self._ping(self._slices[index], beat.tick)
        self._expiry.close_expired(self.connections)

    def _close_silent(self, members: set[Connection], tick: int) -> None:
        for connection in members:
            owed_since = connection.owes_pong_since
            if owed_since is not None and owed_since <= tick:
                connection.close(CloseCode.HEARTBEAT_MISSED, "No pong came in time")

    def _ping(self, members: set[Connection], tick: int) -> None:
        for connection in members:
            connection.ping(tick)
            self._expiry.watch(connection)


class _SteadyCallback(PeriodicCallback):
    """Tornado's counts wall-clock time: when the clock is set back by an hour, it rests for an hour."""

    def _update_next(self, current_time: float) -> None:
        super()._update_next(current_time)
        self._next_timeout = min(self._next_timeout, current_time + self.callback_time / 1000)

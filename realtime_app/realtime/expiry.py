"""Closes connections in the second in which their token expires, without a timer or an entry for each of them.

The heartbeat shows every connection once an interval; only those that expire before the next visit are kept here.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from realtime_app.core.close_codes import CloseCode
from realtime_app.realtime.connection import Connection

# Visits may be this late before a token could slip through between two of them.
_MARGIN = timedelta(seconds=5)


class Expiry:
    """`watch` each connection when it opens, when it took a new token, and once in `visit_seconds`."""

    def __init__(self, clock: Callable[[], datetime], visit_seconds: float) -> None:
        self._clock = clock
        self._horizon = timedelta(seconds=visit_seconds) + _MARGIN
        self._soon: list[tuple[datetime, int, Connection]] = []
        self._numbers = itertools.count()
        self._looked_at = clock()

    def watch(self, connection: Connection) -> None:
        expires_at = connection.caller.expires_at
        if expires_at is not None and expires_at <= self._clock() + self._horizon:
            heapq.heappush(self._soon, (expires_at, next(self._numbers), connection))

    def close_expired(self, all_connections: Callable[[], Iterable[Connection]]) -> None:
        """To be called several times a second. After a leap of the clock it looks at all connections."""
        now = self._clock()
        if now - self._looked_at > _MARGIN:
            for connection in all_connections():
                self.watch(connection)
        self._looked_at = now
        while self._soon and self._soon[0][0] <= now:
            _, _, connection = heapq.heappop(self._soon)
            expires_at = connection.caller.expires_at
            if expires_at is not None and expires_at <= now:
                connection.close(CloseCode.CREDENTIAL_REFUSED, "The token has expired")

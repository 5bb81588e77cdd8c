"""Takes open sockets in and lets closed ones go: the one place that knows all parts a connection is registered with."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import uuid4

from realtime_app.auth.caller import Caller
from realtime_app.core.close_codes import CloseCode
from realtime_app.core.place import Place
from realtime_app.logs import log_event
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.client_socket import ClientSocket
from realtime_app.realtime.connection import Connection, ConnectionContext
from realtime_app.realtime.expiry import Expiry
from realtime_app.realtime.heartbeat import Heartbeat
from realtime_app.realtime.hub import Hub
from realtime_app.realtime.revocation import Revocations

log = logging.getLogger(__name__)

# A client may close with any of thousands of codes: each would be a series of its own in the metrics.
_OWN_CODES = frozenset(map(int, CloseCode))


class Reception:
    """`authenticate_token` checks the token of a renewal; it raises an AppError for a bad one."""

    def __init__(
        self,
        hub: Hub,
        heartbeat: Heartbeat,
        expiry: Expiry,
        revocations: Revocations,
        *,
        authenticate_token: Callable[[str], Awaitable[Caller]],
        clock: Callable[[], datetime],
        counts: RealtimeCounts,
    ) -> None:
        self._hub = hub
        self._heartbeat = heartbeat
        self._revocations = revocations
        self._counts = counts
        self._around = ConnectionContext(
            clock=clock,
            renew=lambda _, token: authenticate_token(token),
            renewed=expiry.watch,
            closed=self._let_go,
            counts=counts,
        )

    @property
    def revocations_seen(self) -> int:
        """To be taken before a credential is checked: see `welcome`."""
        return self._revocations.changes

    def welcome(self, socket: ClientSocket, caller: Caller, since: Place | None, *, revocations_seen: int) -> None:
        """A client's socket is open. `since` is the place that the client has reached.

        Its credential was good when it was checked, after `revocations_seen`. What has ended since then has looked for
        open connections and found none, so this one is looked at anew.
        """
        connection = Connection(socket, caller, str(uuid4()), self._around)
        self._counts.connects += 1
        self._heartbeat.add(connection)
        self._hub.attach(connection, since)
        if self._revocations.changes != revocations_seen:
            self._revocations.look_at_connections(caller.user_id)
        log_event(log, "socket opened", user=caller.user_id, connection=connection.connection_id, kind=caller.kind)

    def _let_go(self, connection: Connection, code: int | None) -> None:
        self._heartbeat.discard(connection)
        self._hub.detach(connection)
        if code is not None and code in _OWN_CODES:
            self._counts.closes[code] += 1
        log_event(log, "socket closed", user=connection.user_id, connection=connection.connection_id, code=code)

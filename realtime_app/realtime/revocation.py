"""Ends connections whose session or key has ended. The database decides; the control channel only says "look again"."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine, Iterable, Mapping
from typing import Any, Protocol

from realtime_app.auth.caller import Standing
from realtime_app.broker.base import Broker
from realtime_app.core.channels import CONTROL
from realtime_app.core.close_codes import CloseCode
from realtime_app.core.control import CredentialsChanged
from realtime_app.errors import DatabaseUnavailable
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.hub import Hub

log = logging.getLogger(__name__)


class Credentials(Protocol):
    """The part of the authenticator that is needed here."""

    def forget_user(self, user_id: str) -> None: ...

    async def holding(self, credential_ids: Collection[str]) -> Mapping[str, Standing]:
        """Those sessions and keys that still hold; the others are left out."""


class Revocations:
    """`announce` after the commit that ended or changed a credential; the sweep calls `recheck` besides.

    `changes` counts those that this process has heard of.
    """

    def __init__(self, hub: Hub, broker: Broker, credentials: Credentials) -> None:
        self._hub = hub
        self._broker = broker
        self._credentials = credentials
        self._tasks: set[asyncio.Task[None]] = set()
        self.changes = 0

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def announce(self, user_id: str) -> None:
        """Some credential of this user has changed: every process looks again, this one first."""
        self.look_again(user_id)
        self._broker.publish(CONTROL, CredentialsChanged(user_id).encode())

    def look_again(self, user_id: str) -> None:
        """A word of the control channel: some credential of this user has changed."""
        self.changes += 1
        self._credentials.forget_user(user_id)
        self.look_at_connections(user_id)

    def look_at_connections(self, user_id: str) -> None:
        """Also for one whose handshake was under way when a change was heard of: it wasn't there to be looked at."""
        if connections := self._hub.connections_of(user_id):
            self._spawn(self._recheck_now(connections))

    async def recheck(self, connections: Iterable[Connection]) -> None:
        """Closes those whose credential has ended (4001) or is another now (1012). Raises DatabaseUnavailable."""
        asked = [(connection, connection.credential_id) for connection in connections]
        holding = await self._credentials.holding({credential_id for _, credential_id in asked})
        for connection, credential_id in asked:
            if connection.credential_id != credential_id:
                continue  # it took a new token meanwhile, of a session that nobody asked about
            standing = holding.get(credential_id)
            if standing is None:
                connection.close(CloseCode.CREDENTIAL_REFUSED, "This session or key has ended")
            elif not standing.fits(connection.caller):
                connection.close(CloseCode.RESTARTING, "The key has changed; come back with its new rights")

    async def _recheck_now(self, connections: list[Connection]) -> None:
        try:
            await self.recheck(connections)
        except DatabaseUnavailable:
            log.info("credentials could not be looked at; the sweep will")
        except Exception:
            log.exception("credentials could not be looked at; the sweep will")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

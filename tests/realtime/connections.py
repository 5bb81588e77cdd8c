"""Real connections over socket pairs, with a stand-in for the rest of the process that keeps a record."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from realtime_app.auth.caller import Caller
from realtime_app.core.scopes import ALL_SCOPES, Scope
from realtime_app.errors import AuthenticationFailed
from realtime_app.realtime.connection import Connection, ConnectionContext
from realtime_app.realtime.socket_poller import SocketPoller
from tests.realtime.peers import FrameClient, unix_pair

NOW = datetime(2026, 11, 23, 15, 48, tzinfo=UTC)
SESSION = Caller("user-1", "session", "sid-1", "public-1", "Firefox", ALL_SCOPES, NOW + timedelta(hours=1))
KEY = Caller("user-1", "key", "key-1", "key-1", "agent", frozenset({Scope.TASKS_READ, Scope.USER_WRITE}), None)


@dataclass
class Server:
    """Stands for the rest of the process: what it was told, and what it makes of tokens."""

    tokens: dict[str, Caller] = field(default_factory=dict)
    seconds: float = 100.0
    closed: list[tuple[Connection, int | None]] = field(default_factory=list)
    renewed: list[Connection] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def surroundings(self) -> ConnectionContext:
        return ConnectionContext(
            clock=lambda: NOW,
            renew=self.renew,
            renewed=self.renewed.append,
            closed=lambda connection, code: self.closed.append((connection, code)),
            running_seconds=lambda: self.seconds,
        )

    async def renew(self, connection: Connection, token: str) -> Caller:
        await self.may_answer.wait()
        if token not in self.tokens:
            raise AuthenticationFailed("The token has expired")
        return self.tokens[token]


async def open_connection(
    poller: SocketPoller, server: Server, caller: Caller = SESSION
) -> tuple[Connection, FrameClient]:
    """Not started: it hears nothing yet."""
    server_end, client_end = unix_pair()
    client = await FrameClient.on(client_end)
    return Connection(poller.adopt(server_end), caller, "connection-1", server.surroundings()), client

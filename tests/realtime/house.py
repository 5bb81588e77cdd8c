"""The realtime side of one process with real parts, a real database, and clients whose sockets keep a record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from realtime_app.auth.caller import Caller
from realtime_app.auth.identity import Authenticator
from realtime_app.broker.base import Broker, Message
from realtime_app.core.channels import user_channel
from realtime_app.core.events import Event, EventType, Payload, TaskReorderedPayload
from realtime_app.core.place import Place
from realtime_app.core.scopes import ALL_SCOPES, Scope
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.client_socket import ClientSocket
from realtime_app.realtime.connection import Connection, ConnectionContext
from realtime_app.realtime.feed import Feed
from realtime_app.realtime.hub import Hub
from realtime_app.realtime.inbound import Inbound
from realtime_app.realtime.publisher import Publisher
from realtime_app.realtime.revocation import Revocations
from realtime_app.realtime.sweep import Sweep
from realtime_app.store.engine import Database
from realtime_app.store.models import event_heads, events, users
from realtime_app.store.unit_of_work import Author, UnitOfWork, UnitOfWorkRunner
from tests.auth.parts import log_in, make_key, token_codec
from tests.planner import FakeClock, register
from tests.realtime.peers import until
from tests.realtime.recording_socket import RecordingSocket
from tests.realtime.watched_log import WatchedLog

on_sqlite = pytest.mark.sqlite_suffices
"""For what has nothing to do with the kind of database."""

LARGE: TaskReorderedPayload = {"date": "backlog", "taskIds": [str(uuid4()) for _ in range(200)]}
"""Of an event with about 8 KB."""


@dataclass(frozen=True)
class Client:
    """One connection and what its client heard."""

    connection: Connection
    socket: RecordingSocket

    @property
    def ids(self) -> list[int]:
        return self.socket.ids

    @property
    def connected(self) -> dict[str, Any]:
        """The payload of the first frame."""
        first = self.socket.frames[0]
        assert first["type"] == "connected", first
        payload: dict[str, Any] = first["payload"]
        return payload

    @property
    def resyncs(self) -> list[tuple[str, int]]:
        """Reason and position of each."""
        return [
            (frame["payload"]["reason"], frame["payload"]["lastEventId"]) for frame in self.socket.of_type("resync")
        ]


class Journal:
    """One user's log: writes to it, and does to it what goes wrong with logs."""

    def __init__(self, database: Database, user_id: str, clock: FakeClock, *, actor: Mapping[str, Any] | None = None):
        self.user_id = user_id
        self.channel = user_channel(user_id)
        self._database = database
        self._author = Author(user_id, actor or {"kind": "system", "id": None, "name": None})  # type: ignore[arg-type]
        self._units = UnitOfWorkRunner(database, committed=lambda _: None, clock=clock)

    async def write(
        self, count: int = 1, event_type: EventType = EventType.TASK_CREATED, payload: Payload | None = None
    ) -> list[Event]:
        """One unit of work with so many events, committed; nobody was told of it."""
        told = payload or {"taskId": str(uuid4()), "scheduledDate": None, "version": 1}

        async def work(unit: UnitOfWork) -> list[Event]:
            for _ in range(count):
                unit.record(event_type, told)
            return unit.events

        return (await self._units.run(self._author, work)).result

    def messages(self, events: list[Event]) -> list[Message]:
        return [(self.channel, event.body) for event in events]

    async def delete_user(self) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(users).where(users.c.id == self.user_id))

    async def rewind(self, last_id: int) -> None:
        """A restore of an older state, whose epoch nobody has changed."""
        async with self._database.writing() as connection:
            await connection.execute(delete(events).where(events.c.user_id == self.user_id, events.c.id > last_id))
            await connection.execute(self._head().values(last_id=last_id))

    async def change_epoch(self) -> str:
        epoch = str(uuid4())
        async with self._database.writing() as connection:
            await connection.execute(self._head().values(epoch=epoch))
        return epoch

    async def lose(self, first: int, last: int) -> None:
        """Events that are gone without having been pruned: a damaged log."""
        async with self._database.writing() as connection:
            mine = events.c.user_id == self.user_id
            await connection.execute(delete(events).where(mine, events.c.id.between(first, last)))

    async def prune(self, upto: int) -> None:
        await self.lose(1, upto)
        async with self._database.writing() as connection:
            await connection.execute(self._head().values(pruned_to=upto))

    def _head(self) -> Any:
        return update(event_heads).where(event_heads.c.user_id == self.user_id)


class House:
    """Everything from the broker to the connections. The sweep runs only when the test starts it."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        clock: FakeClock,
        *,
        most_connections: int = 50,
        linger_seconds: float = 5.0,
        sweep_seconds: float = 10.0,
    ) -> None:
        self.database = database
        self.broker = broker
        self.clock = clock
        self.counts = RealtimeCounts()
        self.log = WatchedLog(database)
        self.authenticator = Authenticator(database, token_codec(), clock)
        self.hub = Hub(
            broker,
            self.log,
            clock=clock,
            counts=self.counts,
            most_connections_per_user=most_connections,
            linger_seconds=linger_seconds,
        )
        self.revocations = Revocations(self.hub, broker, self.authenticator)
        self.sweep = Sweep(self.hub, self.log, self.revocations, self.counts, sweep_seconds)
        self.inbound = Inbound(broker, self.hub, self.sweep, self.revocations, self.counts)
        self.publisher = Publisher(self.hub, broker)
        self.closed: list[tuple[Connection, int | None]] = []
        self._around = ConnectionContext(clock=clock, renew=self._renew, renewed=lambda _: None, closed=self._let_go)

    async def start(self) -> None:
        await self.inbound.start()

    async def close(self) -> None:
        await self.sweep.close()
        await self.revocations.close()
        await self.hub.close()
        await self.authenticator.close()
        await self.broker.close()
        await self.log.close()

    async def journal(self) -> Journal:
        """A new user's."""
        return self.journal_of((await register(self.database, self.clock)).user_id)

    def journal_of(self, user_id: str, **options: Any) -> Journal:
        return Journal(self.database, user_id, self.clock, **options)

    async def session(self, user_id: str) -> Caller:
        claims = await log_in(self.database, user_id, self.clock())
        return Caller(
            user_id, "session", claims.session_id, str(uuid4()), "Firefox", ALL_SCOPES, self.clock() + timedelta(days=7)
        )

    async def key(self, user_id: str, *scopes: Scope) -> Caller:
        key_id, _ = await make_key(self.database, user_id, self.clock(), scopes=tuple(scopes))
        return Caller(user_id, "key", key_id, key_id, "Agent", frozenset(scopes), None)

    def enter(self, caller: Caller, since: Place | None = None, *, is_slow: bool = False) -> Client:
        """A socket of this caller was opened."""
        client = self.unattached(caller)
        client.socket.is_slow = is_slow
        self.hub.attach(client.connection, since)
        return client

    def enter_with(self, socket: ClientSocket, caller: Caller, since: Place | None = None) -> None:
        """As `enter`, over a socket that is real."""
        self.hub.attach(Connection(socket, caller, str(uuid4()), self._around), since)

    def unattached(self, caller: Caller) -> Client:
        """A connection that the hub doesn't know."""
        socket = RecordingSocket()
        return Client(Connection(socket, caller, str(uuid4()), self._around), socket)

    async def follow(self, caller: Caller, since: Place | None = None) -> Client:
        """As `enter`, and hears the live events."""
        client = self.enter(caller, since)
        await self.until_following(client)
        return client

    async def until_following(self, *clients: Client) -> None:
        """Wait until these were welcomed and no replay is under way."""
        await until(
            lambda: all(client.socket.frames for client in clients) and self.hub.replay_count == 0,
            "a connection never joined its feed",
        )

    def feed(self, user_id: str) -> Feed:
        feed = self.hub.feed_of(user_id)
        assert feed is not None, "no feed of this user"
        return feed

    def place(self, user_id: str) -> Place:
        return self.feed(user_id).place

    async def settled(self, user_id: str) -> None:
        """Wait until the feed reads nothing more."""
        await until(lambda: not self.feed(user_id).is_catching_up, "the catch-up never ended")

    async def _renew(self, connection: Connection, token: str) -> Caller:
        return await self.authenticator.authenticate_token(token)

    def _let_go(self, connection: Connection, code: int | None) -> None:
        self.closed.append((connection, code))
        self.hub.detach(connection)


def foreign(event_type: str = "task:updated", **fields: Any) -> bytes:
    """An event as another program publishes it: without an id."""
    return json.dumps({"type": event_type, "payload": {}, "timestamp": "2026-11-23T15:48:00.000Z", **fields}).encode()

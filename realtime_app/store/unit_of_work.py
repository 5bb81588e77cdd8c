"""One transaction and the events that it recorded: both are committed, or neither.

The head's lock is the first statement, before anything is read that the write depends on: so one user's writes are
serial, event ids are dense and become visible in order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import uuid4

from sqlalchemy import CursorResult, Executable, Insert, Update, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from realtime_app.core.events import Actor, Event, EventType, Payload, encode_event
from realtime_app.core.times import whole_milliseconds
from realtime_app.errors import AccountGone, CommitUnknown, DatabaseUnavailable
from realtime_app.store.engine import Database
from realtime_app.store.models import event_heads, events
from realtime_app.store.outage import is_passing, is_retryable
from realtime_app.store.user_gate import UserGate, writer_gate

log = logging.getLogger(__name__)

RETRIES = 3
"""How often a serialization failure or deadlock is tried again."""

OUTCOME_TIMEOUT_SECONDS = 3.0
"""How long a commit of unknown outcome is looked up before CommitUnknown is raised."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Author:
    """Whose log is written, who did it and, for a browser tab, the connection that it did it from."""

    user_id: str
    actor: Actor
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Committed(Generic[Result]):
    """What the work returned and the position of its last event; of the log's head when it changed nothing."""

    result: Result
    last_event_id: int
    epoch: str


class UnitOfWork:
    """Handed to a service. `now` is the same for all that the unit writes, in whole milliseconds."""

    def __init__(self, connection: AsyncConnection, author: Author, first_id: int, epoch: str, now: datetime) -> None:
        self.connection = connection
        self.author = author
        self.user_id = author.user_id
        self.now = now
        self.id = str(uuid4())
        self.events: list[Event] = []
        self._first_id = first_id
        self._epoch = epoch
        self._written = 0

    @property
    def last_event_id(self) -> int:
        return self._first_id - 1 + len(self.events)

    @property
    def epoch(self) -> str:
        return self._epoch

    async def execute(self, statement: Executable) -> CursorResult[Any]:
        return await self.connection.execute(statement)

    async def write(self, statement: Insert | Update) -> CursorResult[Any]:
        """Executes a statement whose event was recorded before it: PostgreSQL takes both in one."""
        unwritten = self.events[self._written :]
        if len(unwritten) == 1 and self.connection.dialect.name == "postgresql":
            self._written += 1
            statement = statement.add_cte(insert(events).values(self._row(unwritten[0])).cte("recorded"))
        return await self.connection.execute(statement)

    def record(self, event_type: EventType, payload: Payload) -> None:
        """Notes the event; it is written with the commit. One call for each change that a client could see."""
        event_id = self._first_id + len(self.events)
        body = encode_event(
            event_type=event_type,
            payload=payload,
            event_id=event_id,
            epoch=self._epoch,
            actor=self.author.actor,
            origin=self.author.origin,
            at=self.now,
        )
        self.events.append(Event(self.user_id, event_id, self._epoch, event_type, body))

    async def flush(self) -> None:
        """Writes what is left of the recorded events and, for more than one, raises the head to the last of them."""
        if rows := [self._row(event) for event in self.events[self._written :]]:
            self._written = len(self.events)
            await self.connection.execute(insert(events), rows)
        if len(self.events) > 1:
            head = update(event_heads).where(event_heads.c.user_id == self.user_id)
            await self.connection.execute(head.values(last_id=self.last_event_id))

    def _row(self, event: Event) -> dict[str, Any]:
        return {
            "user_id": event.user_id,
            "id": event.id,
            "unit_id": self.id,
            "type": event.type,
            "body": event.body.decode(),
            "created_at": self.now,
        }


class UnitOfWorkRunner:
    """Runs services in units of work. `committed` hears of the events after each commit, in the order of their ids."""

    def __init__(
        self,
        database: Database,
        *,
        committed: Callable[[list[Event]], None],
        clock: Callable[[], datetime],
        gate: UserGate | None = None,
    ) -> None:
        self._database = database
        self._committed = committed
        self._clock = clock
        self._gate = gate or writer_gate()

    async def run(self, author: Author, work: Callable[[UnitOfWork], Awaitable[Result]]) -> Committed[Result]:
        """Runs `work` under the user's head lock and commits once; rolls back when it recorded no event.

        `work` may run again after a deadlock, so it must have no effect but on its unit. Raises what `work` raises,
        DatabaseUnavailable, TooManyRequests, CommitUnknown, and AccountGone.
        """
        async with self._gate.turn(author.user_id):
            for _ in range(RETRIES):
                try:
                    return await self._attempt(author, work)
                except DBAPIError as error:
                    if not is_retryable(error):
                        raise
                    log.info("write of one user tried again: %s", type(error.orig).__name__)
            return await self._attempt(author, work)

    async def _attempt(self, author: Author, work: Callable[[UnitOfWork], Awaitable[Result]]) -> Committed[Result]:
        async with self._database.uncommitted() as connection:
            unit = await self._begin(connection, author)
            result = await work(unit)
            if unit.events:
                await unit.flush()
                await self._commit(unit)
        if unit.events:
            self._committed(unit.events)
        return Committed(result, unit.last_event_id, unit.epoch)

    async def _begin(self, connection: AsyncConnection, author: Author) -> UnitOfWork:
        lock = (
            update(event_heads)
            .where(event_heads.c.user_id == author.user_id)
            .values(last_id=event_heads.c.last_id + 1)
            .returning(event_heads.c.last_id, event_heads.c.epoch)
        )
        head = (await connection.execute(lock)).one_or_none()
        if head is None:
            raise AccountGone
        return UnitOfWork(connection, author, head.last_id, head.epoch, whole_milliseconds(self._clock()))

    async def _commit(self, unit: UnitOfWork) -> None:
        try:
            await unit.connection.commit()
        except Exception as error:
            if is_retryable(error) or not is_passing(error):
                raise
            await unit.connection.invalidate()
            if not await self._was_committed(unit):
                raise DatabaseUnavailable from error

    async def _was_committed(self, unit: UnitOfWork) -> bool:
        """Looks the unit up on a new connection. Raises CommitUnknown when that can't be done in time."""
        try:
            async with asyncio.timeout(OUTCOME_TIMEOUT_SECONDS):
                while True:
                    try:
                        return await self._look_up(unit)
                    except (DatabaseUnavailable, DBAPIError):
                        # A deadlock too: were it raised, `run` would do the work a second time.
                        await asyncio.sleep(0.1)
        except TimeoutError:
            raise CommitUnknown from None

    async def _look_up(self, unit: UnitOfWork) -> bool:
        # Under the head's lock: the old backend may still be committing, and a plain look would say "no" too early.
        head = select(event_heads.c.last_id).where(event_heads.c.user_id == unit.user_id).with_for_update()
        found = select(events.c.id).where(
            events.c.user_id == unit.user_id, events.c.id == unit.last_event_id, events.c.unit_id == unit.id
        )
        async with self._database.uncommitted() as connection:
            await connection.execute(head)
            return (await connection.execute(found)).first() is not None

"""One user who calls services, and the events that came of it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import uuid4

from sqlalchemy import insert, select

from realtime_app.core.events import Event
from realtime_app.store.engine import Connection, Database
from realtime_app.store.models import event_epochs, event_heads, users
from realtime_app.store.unit_of_work import Author, UnitOfWork, UnitOfWorkRunner

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class Planner:
    """`events` are those committed for this user, as the wire's objects, oldest first."""

    def __init__(self, database: Database, clock: FakeClock, user_id: str) -> None:
        self.user_id = user_id
        self.clock = clock
        self.events: list[dict[str, Any]] = []
        self._database = database
        self._author = Author(user_id, {"kind": "system", "id": None, "name": None})
        self._units = UnitOfWorkRunner(database, committed=self._committed, clock=clock)

    async def change(
        self,
        service: Callable[Concatenate[UnitOfWork, Arguments], Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What a handler's `change` does."""

        async def work(unit: UnitOfWork) -> Result:
            return await service(unit, *args, **kwargs)

        return (await self._units.run(self._author, work)).result

    async def read(
        self,
        service: Callable[Concatenate[Connection, str, Arguments], Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What a handler's `read` does."""
        async with self._database.reading() as connection:
            return await service(connection, self.user_id, *args, **kwargs)

    async def transact(
        self,
        service: Callable[Concatenate[Connection, str, Arguments], Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What a handler's `transact` does."""
        async with self._database.writing() as connection:
            return await service(connection, self.user_id, *args, **kwargs)

    def new_events(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and payload of each event since the last call."""
        taken = [(event["type"], event["payload"]) for event in self.events]
        self.events.clear()
        return taken

    def _committed(self, events: list[Event]) -> None:
        self.events += [json.loads(event.body) for event in events]


async def register(database: Database, clock: FakeClock) -> Planner:
    """A new user with an empty planner."""
    user_id = str(uuid4())
    user = {"id": user_id, "email": f"{user_id}@example.com", "password_hash": "-"}
    async with database.writing() as connection:
        epoch = (await connection.execute(select(event_epochs.c.epoch))).scalar_one()
        await connection.execute(insert(users).values(**user, timezone="UTC", created_at=clock(), updated_at=clock()))
        await connection.execute(insert(event_heads).values(user_id=user_id, last_id=0, pruned_to=0, epoch=epoch))
    return Planner(database, clock, user_id)

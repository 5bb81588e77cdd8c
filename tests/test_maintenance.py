"""One round of the housework: what is past its time is gone, what isn't stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text

from realtime_app.maintenance import WARN_AFTER_ROUNDS, Maintenance
from realtime_app.schemas.tasks import TaskBody
from realtime_app.services.task_deletion import delete_task
from realtime_app.services.tasks import create_task
from realtime_app.store.engine import Database
from realtime_app.store.models import events, sessions, tasks
from realtime_app.store.retention import Retention
from tests.planner import FakeClock, Planner


async def count(database: Database, table: object) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[call-overload]


async def add_session(database: Database, planner: Planner, expires_at: datetime) -> None:
    session = {"id": str(uuid4()), "public_id": str(uuid4()), "user_id": planner.user_id, "name": "Firefox"}
    instants = {"created_at": planner.clock(), "last_used_at": planner.clock(), "expires_at": expires_at}
    async with database.writing() as connection:
        await connection.execute(insert(sessions).values(**session, **instants))


@pytest.mark.gen_test
@pytest.mark.sqlite_suffices
@pytest.mark.allowed_logs("database unavailable")
@pytest.mark.expected_logs("too busy to purge deleted time blocks, 3 rounds in a row")
async def test_a_step_that_fails_holds_up_no_other_and_is_told_after_three_rounds(
    database: Database, planner: Planner, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    maintenance = Maintenance(database, Retention(timedelta(days=7)), clock)
    await add_session(database, planner, clock() + timedelta(days=1))
    clock.advance(days=2)
    async with time_blocks_out_of_reach(database):
        for _ in range(WARN_AFTER_ROUNDS - 1):
            await maintenance.run_once()
        assert await count(database, sessions) == 0
        assert "in a row" not in caplog.text
        await maintenance.run_once()


@asynccontextmanager
async def time_blocks_out_of_reach(database: Database) -> AsyncIterator[None]:
    """Whoever asks for them finds the database too busy."""
    if database.is_sqlite:
        async with database.writing() as connection:
            await connection.execute(text("DROP TABLE time_blocks"))
        yield
    else:
        async with database.uncommitted() as connection:
            await connection.execute(text("LOCK TABLE time_blocks"))
            yield


@pytest.mark.gen_test
async def test_what_is_past_its_time_goes_and_the_rest_stays(
    database: Database, planner: Planner, clock: FakeClock
) -> None:
    maintenance = Maintenance(database, Retention(timedelta(days=7)), clock)
    deleted = await planner.change(create_task, TaskBody(title="Deleted"))
    await planner.change(create_task, TaskBody(title="Kept"))
    await planner.change(delete_task, deleted["id"])
    await add_session(database, planner, clock() + timedelta(days=7))

    await maintenance.run_once()
    assert [await count(database, table) for table in (tasks, events, sessions)] == [2, 3, 1]
    clock.advance(days=8)
    await maintenance.run_once()
    assert [await count(database, table) for table in (tasks, events, sessions)] == [1, 0, 0]

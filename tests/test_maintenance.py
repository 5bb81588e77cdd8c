"""One round of the housework: what is past its time is gone, what isn't stays."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from realtime_app.maintenance import Maintenance
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


@pytest.mark.gen_test
async def test_what_is_past_its_time_goes_and_the_rest_stays(
    database: Database, planner: Planner, clock: FakeClock
) -> None:
    maintenance = Maintenance(database, Retention(timedelta(days=7)), clock)
    deleted = await planner.change(create_task, TaskBody(title="Deleted"))
    await planner.change(create_task, TaskBody(title="Kept"))
    await planner.change(delete_task, deleted["id"])
    session = {"id": str(uuid4()), "public_id": str(uuid4()), "user_id": planner.user_id, "name": "Firefox"}
    instants = {"created_at": clock(), "last_used_at": clock(), "expires_at": clock() + timedelta(days=7)}
    async with database.writing() as connection:
        await connection.execute(insert(sessions).values(**session, **instants))

    await maintenance.run_once()
    assert [await count(database, table) for table in (tasks, events, sessions)] == [2, 3, 1]
    clock.advance(days=8)
    await maintenance.run_once()
    assert [await count(database, table) for table in (tasks, events, sessions)] == [1, 0, 0]

"""A task takes a bounded number of blocks, by whatever way they come to it, so that its restore can name them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from realtime_app.errors import Conflict
from realtime_app.schemas.fields import parse
from realtime_app.schemas.time_blocks import AutoScheduleBody, QuickScheduleBody
from realtime_app.services.scheduling import auto_schedule, quick_schedule
from realtime_app.services.task_deletion import delete_task, restore_task
from realtime_app.services.task_links import MAX_BLOCKS
from realtime_app.services.time_block_deletion import delete_time_block
from realtime_app.store.engine import Database
from realtime_app.store.models import time_blocks
from tests.planner import FakeClock, Planner
from tests.services.planned import TODAY, TOMORROW, change_block, plan_block, plan_task

Task = dict[str, Any]


async def fill(database: Database, task: Task, count: int) -> None:
    """So many blocks of the task, on some other day."""
    row = {"user_id": task["userId"], "task_id": task["id"], "title": "Block", "date": date(2026, 12, 1)}
    row |= {"start_minute": 540, "end_minute": 570, "color": "#3B82F6", "position": 0, "version": 1}
    row |= dict.fromkeys(("created_at", "updated_at"), FakeClock()())
    rows = [{**row, "id": f"00000000-0000-4000-9000-{number:012}"} for number in range(count)]
    async with database.writing() as connection:
        await connection.execute(insert(time_blocks), rows)


async def by_creation(planner: Planner, task: Task) -> None:
    await plan_block(planner, "09:00", "10:00", taskId=task["id"])


async def by_change(planner: Planner, task: Task) -> None:
    await change_block(planner, await plan_block(planner, "09:00", "10:00"), taskId=task["id"])


async def by_quick_schedule(planner: Planner, task: Task) -> None:
    body = {"taskId": task["id"], "date": TODAY, "startTime": "09:00"}
    await planner.change(quick_schedule, parse(QuickScheduleBody, body))


async def by_auto_schedule(planner: Planner, task: Task) -> None:
    await planner.change(auto_schedule, parse(AutoScheduleBody, {"taskId": task["id"]}))


@pytest.mark.gen_test
@pytest.mark.parametrize("link", [by_creation, by_change, by_quick_schedule, by_auto_schedule])
async def test_a_full_task_takes_no_more_blocks(
    planner: Planner, database: Database, link: Callable[[Planner, Task], Awaitable[None]]
) -> None:
    task = await plan_task(planner, scheduledDate=TOMORROW)
    await fill(database, task, MAX_BLOCKS - 1)
    await link(planner, task)

    with pytest.raises(Conflict, match="at most 1000 time blocks"):
        await link(planner, task)


@pytest.mark.gen_test
async def test_a_block_of_a_full_task_can_be_changed(planner: Planner, database: Database) -> None:
    task = await plan_task(planner)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"])
    await fill(database, task, MAX_BLOCKS - 1)

    changed = await change_block(planner, block, taskId=task["id"], title="Read")

    assert (changed["title"], changed["taskId"]) == ("Read", task["id"])


@pytest.mark.gen_test
async def test_a_deleted_block_counts_since_it_may_come_back(planner: Planner, database: Database) -> None:
    task = await plan_task(planner)
    await fill(database, task, MAX_BLOCKS - 1)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"])
    await planner.change(delete_time_block, block["id"])

    with pytest.raises(Conflict, match="those deleted in the last 7 days included"):
        await by_creation(planner, task)


@pytest.mark.gen_test
async def test_the_restore_of_a_full_task_names_all_its_blocks(planner: Planner, database: Database) -> None:
    task = await plan_task(planner)
    await fill(database, task, MAX_BLOCKS)
    await planner.change(delete_task, task["id"])
    planner.new_events()

    await planner.change(restore_task, task["id"])

    ((_, payload),) = planner.new_events()
    assert len(payload["timeBlockIds"]) == MAX_BLOCKS

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from realtime_app.errors import Conflict, NotFound, VersionStale
from realtime_app.services.representations import JsonObject
from realtime_app.services.subtask_queries import list_subtasks
from realtime_app.services.task_deletion import delete_task, purge_deleted, restore_task
from realtime_app.services.tasks import complete_task
from realtime_app.store.engine import Database
from realtime_app.store.models import tasks, time_blocks
from tests.planner import Planner
from tests.services.task_verbs import (
    MONDAY,
    UNKNOWN_ID,
    add_subtask,
    add_task,
    add_tasks,
    list_titles,
    patch_task,
    read_task,
)


async def add_block(database: Database, task: JsonObject, **fields: Any) -> str:
    block_id = str(uuid4())
    row = {
        "id": block_id,
        "user_id": task["userId"],
        "task_id": task["id"],
        "title": "Block",
        "date": date(2026, 11, 23),
        "start_minute": 540,
        "end_minute": 570,
        "color": "#3B82F6",
        "position": 0,
        "version": 1,
        **fields,
    }
    async with database.writing() as connection:
        times = (await connection.execute(select(tasks.c.created_at, tasks.c.updated_at).limit(1))).one()._asdict()
        await connection.execute(insert(time_blocks).values(row | times))
    return block_id


async def link_of(database: Database, block_id: str) -> tuple[str | None, int]:
    """The block's task and version."""
    async with database.reading() as connection:
        statement = select(time_blocks.c.task_id, time_blocks.c.version).where(time_blocks.c.id == block_id)
        return tuple((await connection.execute(statement)).one())


@pytest.mark.gen_test
async def test_a_deleted_task_is_gone_and_reported(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY)
    planner.new_events()

    await planner.change(delete_task, task["id"])

    assert await list_titles(planner) == []
    payload = {"taskId": task["id"], "scheduledDate": MONDAY, "version": 2}
    assert planner.new_events() == [("task:deleted", payload)]
    with pytest.raises(NotFound):
        await planner.change(delete_task, task["id"])


@pytest.mark.gen_test
async def test_deleting_a_stale_version_is_refused(planner: Planner) -> None:
    task = await add_task(planner)
    current = await patch_task(planner, task["id"], title="Theirs")
    planner.new_events()

    with pytest.raises(VersionStale) as stale:
        await planner.change(delete_task, task["id"], frozenset({1}))

    assert stale.value.current == current
    assert planner.new_events() == []
    await planner.change(delete_task, task["id"], frozenset({2}))


@pytest.mark.gen_test
async def test_another_users_task_is_not_found(planner: Planner, stranger: Planner) -> None:
    foreign = await add_task(stranger)

    with pytest.raises(NotFound):
        await planner.change(delete_task, foreign["id"])

    await stranger.change(delete_task, foreign["id"])
    with pytest.raises(NotFound):
        await planner.change(restore_task, foreign["id"])
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_blocks_lose_their_task_without_a_version_or_event(planner: Planner, database: Database) -> None:
    task, other = await add_tasks(planner, "a", "b")
    block, others_block = [await add_block(database, owner) for owner in (task, other)]
    planner.new_events()

    await planner.change(delete_task, task["id"])

    assert await link_of(database, block) == (None, 1)
    assert await link_of(database, others_block) == (other["id"], 1)
    assert [kind for kind, _ in planner.new_events()] == ["task:deleted"]


@pytest.mark.gen_test
async def test_a_restored_task_is_as_it_was(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY, position=5)
    subtask = await add_subtask(planner, task["id"])
    completed = await planner.change(complete_task, task["id"])
    await planner.change(delete_task, task["id"])
    planner.new_events()
    planner.clock.advance(days=6, hours=23)

    restored = await planner.change(restore_task, task["id"])

    assert restored == {**completed, "version": completed["version"] + 2, "updatedAt": "2026-11-30T08:00:00.000Z"}
    assert await read_task(planner, task["id"]) == restored
    assert await planner.read(list_subtasks, task["id"]) == [subtask]
    payload = {"taskId": task["id"], "scheduledDate": MONDAY, "version": restored["version"]}
    assert planner.new_events() == [("task:created", payload)]


@pytest.mark.gen_test
async def test_blocks_get_their_task_back_and_living_ones_are_named(planner: Planner, database: Database) -> None:
    task, other = await add_tasks(planner, "a", "b")
    living = sorted([await add_block(database, task) for _ in range(2)])
    deleted = await add_block(database, task, deleted_at=planner.clock())
    taken = await add_block(database, other, unlinked_task_id=task["id"])
    await planner.change(delete_task, task["id"])
    planner.new_events()

    await planner.change(restore_task, task["id"])

    ((kind, payload),) = planner.new_events()
    assert (kind, payload["timeBlockIds"]) == ("task:created", living)
    for block in (*living, deleted):
        assert await link_of(database, block) == (task["id"], 1)
    assert await link_of(database, taken) == (other["id"], 1)


@pytest.mark.gen_test
async def test_a_task_that_is_not_deleted_cannot_be_restored(planner: Planner) -> None:
    task = await add_task(planner)
    planner.new_events()

    with pytest.raises(Conflict, match="Task is not deleted"):
        await planner.change(restore_task, task["id"])

    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_a_task_is_not_found_when_its_week_has_passed(planner: Planner) -> None:
    task = await add_task(planner)
    await planner.change(delete_task, task["id"])
    planner.clock.advance(days=7, seconds=1)

    for task_id in (task["id"], UNKNOWN_ID):
        with pytest.raises(NotFound):
            await planner.change(restore_task, task_id)


@pytest.mark.gen_test
async def test_purging_removes_what_was_deleted_before(planner: Planner, database: Database) -> None:
    old, young, living = await add_tasks(planner, "old", "young", "living")
    await add_subtask(planner, old["id"])
    block = await add_block(database, old)
    await planner.change(delete_task, old["id"])
    planner.clock.advance(hours=1)
    limit = planner.clock()
    await planner.change(delete_task, young["id"])

    async with database.writing() as connection:
        assert await purge_deleted(connection, limit) == 1
        assert await purge_deleted(connection, limit) == 0

    async with database.reading() as connection:
        left = set((await connection.execute(select(tasks.c.id))).scalars())
    assert left == {young["id"], living["id"]}
    assert await link_of(database, block) == (None, 1)


@pytest.mark.gen_test
async def test_purging_goes_in_batches(planner: Planner, database: Database) -> None:
    for task in await add_tasks(planner, *"abcdefg"):
        await planner.change(delete_task, task["id"])
    planner.clock.advance(seconds=1)

    async with database.writing() as connection:
        removed = [await purge_deleted(connection, planner.clock(), batch_size=3) for _ in range(4)]

    assert removed == [3, 3, 1, 0]

from datetime import timedelta

import pytest

from realtime_app.errors import Conflict, NotFound, VersionStale
from realtime_app.services.task_deletion import delete_task
from realtime_app.services.time_block_deletion import delete_time_block, purge_deleted, restore_time_block
from realtime_app.services.time_block_queries import get_time_block
from realtime_app.store.engine import Database
from tests.planner import Planner
from tests.services.planned import NOBODYS, TODAY, change_block, plan_block, plan_task


@pytest.mark.gen_test
async def test_a_deleted_block_is_gone_and_reported(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")

    await planner.change(delete_time_block, block["id"])

    assert planner.new_events() == [("timeblock:deleted", {"timeBlockId": block["id"], "date": TODAY, "version": 2})]
    with pytest.raises(NotFound):
        await planner.read(get_time_block, block["id"])
    with pytest.raises(NotFound):
        await change_block(planner, block, title="Read")
    with pytest.raises(NotFound):
        await planner.change(delete_time_block, block["id"])
    assert planner.events == []


@pytest.mark.gen_test
async def test_a_deletion_for_an_older_version_is_refused(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    current = await change_block(planner, block, title="Read")

    with pytest.raises(VersionStale) as caught:
        await planner.change(delete_time_block, block["id"], {1})

    assert caught.value.current == current
    await planner.change(delete_time_block, block["id"], {2})


@pytest.mark.gen_test
async def test_a_block_is_unknown_to_other_users_deleted_or_not(planner: Planner, stranger: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")

    with pytest.raises(NotFound):
        await stranger.change(delete_time_block, block["id"])
    with pytest.raises(NotFound):
        await stranger.change(restore_time_block, block["id"])
    await planner.change(delete_time_block, block["id"])
    with pytest.raises(NotFound):
        await stranger.change(restore_time_block, block["id"])


@pytest.mark.gen_test
async def test_a_restored_block_is_as_it_was(planner: Planner) -> None:
    task = await plan_task(planner)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"])
    await planner.change(delete_time_block, block["id"])
    planner.new_events()
    planner.clock.advance(days=7)

    restored = await planner.change(restore_time_block, block["id"])

    assert restored == block | {"version": 3, "updatedAt": "2026-11-30T09:00:00.000Z"}
    assert planner.new_events() == [("timeblock:created", {"timeBlockId": block["id"], "date": TODAY, "version": 3})]
    assert await planner.read(get_time_block, block["id"]) == restored


@pytest.mark.gen_test
async def test_a_restored_block_has_no_task_when_that_was_deleted_meanwhile(planner: Planner) -> None:
    task = await plan_task(planner)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"])
    await planner.change(delete_time_block, block["id"])
    await planner.change(delete_task, task["id"])

    restored = await planner.change(restore_time_block, block["id"])

    assert (restored["taskId"], restored["task"]) == (None, None)


@pytest.mark.gen_test
async def test_a_block_is_restored_within_a_week_only(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    await planner.change(delete_time_block, block["id"])
    planner.clock.advance(days=7, milliseconds=1)

    with pytest.raises(NotFound):
        await planner.change(restore_time_block, block["id"])


@pytest.mark.gen_test
async def test_only_a_deleted_block_can_be_restored(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")

    with pytest.raises(Conflict, match="Time block is not deleted"):
        await planner.change(restore_time_block, block["id"])
    with pytest.raises(NotFound, match="Time block not found"):
        await planner.change(restore_time_block, NOBODYS)
    assert planner.events == []


@pytest.mark.gen_test
async def test_a_purge_removes_what_was_deleted_before(planner: Planner, database: Database) -> None:
    old, recent, living = [await plan_block(planner, "09:00", "10:00") for _ in range(3)]
    await planner.change(delete_time_block, old["id"])
    planner.clock.advance(days=8)
    await planner.change(delete_time_block, recent["id"])

    async with database.writing() as connection:
        assert await purge_deleted(connection, planner.clock.now - timedelta(days=7)) == 1
        assert await purge_deleted(connection, planner.clock.now - timedelta(days=7)) == 0

    await planner.change(restore_time_block, recent["id"])
    assert await planner.read(get_time_block, living["id"]) == living

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from realtime_app.errors import Conflict, NotFound
from realtime_app.services.representations import JsonObject
from realtime_app.services.subtask_queries import list_subtasks
from realtime_app.services.subtasks import MAX_SUBTASKS, delete_subtask
from realtime_app.services.task_deletion import delete_task
from realtime_app.store.engine import Database
from realtime_app.store.models import subtasks
from tests.planner import Planner
from tests.services.task_verbs import (
    MAX_POSITION,
    MONDAY,
    UNKNOWN_ID,
    add_subtask,
    add_task,
    order_subtasks,
    patch_subtask,
    read_task,
)


async def titles(planner: Planner, task_id: str) -> list[str]:
    return [subtask["title"] for subtask in await planner.read(list_subtasks, task_id)]


def task_changed(task: JsonObject, version: int) -> tuple[str, JsonObject]:
    payload = {"taskId": task["id"], "scheduledDate": MONDAY, "version": version, "fields": ["subtasks"]}
    return "task:updated", payload


@pytest.mark.gen_test
async def test_a_new_subtask_changes_its_task(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY)
    planner.new_events()
    planner.clock.advance(minutes=1)

    subtask = await add_subtask(planner, task["id"], "Draft")

    assert subtask == {
        "id": subtask["id"],
        "taskId": task["id"],
        "title": "Draft",
        "completed": False,
        "position": 0,
        "createdAt": "2026-11-23T09:01:00.000Z",
        "updatedAt": "2026-11-23T09:01:00.000Z",
    }
    assert await planner.read(list_subtasks, task["id"]) == [subtask]
    assert await read_task(planner, task["id"]) == {**task, "version": 2, "updatedAt": "2026-11-23T09:01:00.000Z"}
    assert planner.new_events() == [task_changed(task, 2)]


@pytest.mark.gen_test
async def test_a_new_subtask_goes_to_the_end_unless_it_has_a_position(planner: Planner) -> None:
    task, other = await add_task(planner), await add_task(planner)
    await add_subtask(planner, other["id"], position=99)
    await add_subtask(planner, task["id"], "middle", position=7)

    assert (await add_subtask(planner, task["id"], "last"))["position"] == 8
    await add_subtask(planner, task["id"], "first", position=0)
    assert await titles(planner, task["id"]) == ["first", "middle", "last"]


@pytest.mark.gen_test
async def test_subtasks_are_numbered_anew_when_no_position_is_left(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY)
    await add_subtask(planner, task["id"], "first", position=MAX_POSITION)
    planner.new_events()

    assert (await add_subtask(planner, task["id"], "last"))["position"] == 1
    assert await titles(planner, task["id"]) == ["first", "last"]
    assert planner.new_events() == [task_changed(task, 3)]


@pytest.mark.gen_test
async def test_a_task_holds_a_bounded_number_of_subtasks(planner: Planner, database: Database) -> None:
    task = await add_task(planner)
    await _fill(database, task["id"], MAX_SUBTASKS - 1)
    await add_subtask(planner, task["id"])
    planner.new_events()

    with pytest.raises(Conflict, match="at most 1000 subtasks"):
        await add_subtask(planner, task["id"])

    assert planner.new_events() == []
    assert (await read_task(planner, task["id"]))["version"] == 2


async def _fill(database: Database, task_id: str, count: int) -> None:
    now = datetime.now(UTC)
    row = {"task_id": task_id, "title": "Draft", "completed": False, "created_at": now, "updated_at": now}
    rows = [{**row, "id": f"00000000-0000-4000-9000-{place:012}", "position": place} for place in range(count)]
    async with database.writing() as connection:
        await connection.execute(insert(subtasks), rows)


@pytest.mark.gen_test
async def test_every_field_of_a_subtask_can_be_changed(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY)
    subtask = await add_subtask(planner, task["id"])
    planner.new_events()
    planner.clock.advance(minutes=1)
    fields = {"title": "Print", "completed": True, "position": 4}

    changed = await patch_subtask(planner, task["id"], subtask["id"], **fields)

    assert changed == {**subtask, **fields, "updatedAt": "2026-11-23T09:01:00.000Z"}
    assert await planner.read(list_subtasks, task["id"]) == [changed]
    assert planner.new_events() == [task_changed(task, 3)]


@pytest.mark.gen_test
@pytest.mark.parametrize("fields", [{}, {"title": "Draft", "completed": False, "position": 0}])
async def test_nothing_is_written_when_nothing_of_a_subtask_differs(planner: Planner, fields: JsonObject) -> None:
    task = await add_task(planner)
    subtask = await add_subtask(planner, task["id"], "Draft")
    before = await read_task(planner, task["id"])
    planner.new_events()

    assert await patch_subtask(planner, task["id"], subtask["id"], **fields) == subtask
    assert await read_task(planner, task["id"]) == before
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_a_deleted_subtask_is_gone(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY)
    subtask = await add_subtask(planner, task["id"])
    planner.new_events()

    await planner.change(delete_subtask, task["id"], subtask["id"])

    assert await planner.read(list_subtasks, task["id"]) == []
    assert planner.new_events() == [task_changed(task, 3)]


@pytest.mark.gen_test
async def test_named_subtasks_come_first_and_the_others_keep_their_order(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY)
    _, b, _, d = [await add_subtask(planner, task["id"], title) for title in "abcd"]
    planner.new_events()
    planner.clock.advance(minutes=1)

    ordered = await order_subtasks(planner, task["id"], d["id"], UNKNOWN_ID, b["id"])

    assert [subtask["title"] for subtask in ordered] == ["d", "b", "a", "c"]
    assert [subtask["position"] for subtask in ordered] == [0, 1, 2, 3]
    assert ordered == await planner.read(list_subtasks, task["id"])
    assert ordered[1] == b
    assert ordered[2]["updatedAt"] == "2026-11-23T09:01:00.000Z"
    assert planner.new_events() == [task_changed(task, 6)]


@pytest.mark.gen_test
async def test_nothing_is_written_when_subtasks_stand_in_that_order(planner: Planner) -> None:
    task = await add_task(planner)
    a, b = [await add_subtask(planner, task["id"], title) for title in "ab"]
    before = await read_task(planner, task["id"])
    planner.new_events()

    assert await order_subtasks(planner, task["id"], a["id"], b["id"]) == [a, b]
    assert await read_task(planner, task["id"]) == before
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_not_found_when_no_named_subtask_is_of_the_task(planner: Planner) -> None:
    task, other = await add_task(planner), await add_task(planner)
    await add_subtask(planner, task["id"])
    elsewhere = await add_subtask(planner, other["id"])

    with pytest.raises(NotFound, match="Subtask"):
        await order_subtasks(planner, task["id"], UNKNOWN_ID, elsewhere["id"])


@pytest.mark.gen_test
async def test_subtasks_of_another_task_are_not_found(planner: Planner) -> None:
    task, other = await add_task(planner), await add_task(planner)
    elsewhere = await add_subtask(planner, other["id"])
    planner.new_events()

    for subtask_id in (UNKNOWN_ID, elsewhere["id"]):
        with pytest.raises(NotFound, match="Subtask"):
            await patch_subtask(planner, task["id"], subtask_id, title="Mine")
        with pytest.raises(NotFound, match="Subtask"):
            await planner.change(delete_subtask, task["id"], subtask_id)

    assert (await read_task(planner, task["id"]))["version"] == 1
    assert await planner.read(list_subtasks, other["id"]) == [elsewhere]
    assert planner.new_events() == []


Use = Callable[[Planner, str, str], Awaitable[object]]

USES: dict[str, Use] = {
    "read": lambda planner, task_id, _: planner.read(list_subtasks, task_id),
    "add": lambda planner, task_id, _: add_subtask(planner, task_id),
    "change": lambda planner, task_id, subtask_id: patch_subtask(planner, task_id, subtask_id, title="Mine"),
    "delete": lambda planner, task_id, subtask_id: planner.change(delete_subtask, task_id, subtask_id),
    "order": lambda planner, task_id, subtask_id: order_subtasks(planner, task_id, subtask_id),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("use", USES.values(), ids=USES)
async def test_subtasks_of_no_task_are_not_found(planner: Planner, stranger: Planner, use: Use) -> None:
    deleted, foreign = await add_task(planner), await add_task(stranger)
    subtasks_of_deleted = await add_subtask(planner, deleted["id"])
    subtask_of_foreign = await add_subtask(stranger, foreign["id"])
    await planner.change(delete_task, deleted["id"])
    planner.new_events()

    for task_id, subtask_id in [
        (UNKNOWN_ID, UNKNOWN_ID),
        (deleted["id"], subtasks_of_deleted["id"]),
        (foreign["id"], subtask_of_foreign["id"]),
    ]:
        with pytest.raises(NotFound, match="Task"):
            await use(planner, task_id, subtask_id)

    assert planner.new_events() == []
    assert await stranger.read(list_subtasks, foreign["id"]) == [subtask_of_foreign]


@pytest.mark.gen_test
async def test_subtasks_added_at_the_same_time_get_dense_positions(planner: Planner) -> None:
    task = await add_task(planner)

    await asyncio.gather(*(add_subtask(planner, task["id"]) for _ in range(8)))

    added = await planner.read(list_subtasks, task["id"])
    assert [subtask["position"] for subtask in added] == list(range(8))
    assert (await read_task(planner, task["id"]))["version"] == 9

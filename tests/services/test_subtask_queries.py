from __future__ import annotations

import pytest

from realtime_app.schemas.fields import parse
from realtime_app.schemas.subtasks import SubtaskBatchBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.subtask_queries import list_subtasks, list_subtasks_of_many
from realtime_app.services.task_deletion import delete_task
from tests.planner import Planner
from tests.services.task_verbs import UNKNOWN_ID, add_subtask, add_task


async def batch(planner: Planner, *task_ids: str) -> dict[str, list[JsonObject]]:
    return await planner.read(list_subtasks_of_many, parse(SubtaskBatchBody, {"taskIds": task_ids}))


@pytest.mark.gen_test
async def test_a_task_without_subtasks_has_an_empty_list(planner: Planner) -> None:
    task = await add_task(planner)

    assert await planner.read(list_subtasks, task["id"]) == []


@pytest.mark.gen_test
async def test_subtasks_come_by_position_then_oldest(planner: Planner) -> None:
    task = await add_task(planner)
    for title, position in (("second, older", 1), ("second, newer", 1), ("first", 0)):
        await add_subtask(planner, task["id"], title, position=position)
        planner.clock.advance(seconds=1)

    listed = await planner.read(list_subtasks, task["id"])

    assert [subtask["title"] for subtask in listed] == ["first", "second, older", "second, newer"]


@pytest.mark.gen_test
async def test_a_batch_has_a_list_for_every_id(planner: Planner, stranger: Planner) -> None:
    full, empty, deleted, foreign = [await add_task(owner) for owner in (planner, planner, planner, stranger)]
    subtasks = [await add_subtask(planner, full["id"], title) for title in "ab"]
    await add_subtask(planner, deleted["id"])
    await planner.change(delete_task, deleted["id"])
    await add_subtask(stranger, foreign["id"])
    others = [empty["id"], deleted["id"], foreign["id"], UNKNOWN_ID]

    found = await batch(planner, full["id"], *others)

    assert found == {full["id"]: subtasks, **{task_id: [] for task_id in others}}


@pytest.mark.gen_test
async def test_a_batch_is_keyed_as_the_client_spelled_the_ids(planner: Planner) -> None:
    task = await add_task(planner)
    subtask = await add_subtask(planner, task["id"])

    spelled = [task["id"], task["id"].upper()]

    assert await batch(planner, *spelled) == {task_id: [subtask] for task_id in spelled}


@pytest.mark.gen_test
async def test_a_batch_of_nothing_is_empty(planner: Planner) -> None:
    assert await batch(planner) == {}

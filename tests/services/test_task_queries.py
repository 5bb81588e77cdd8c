from __future__ import annotations

import pytest

from realtime_app.errors import NotFound
from realtime_app.services.task_deletion import delete_task
from realtime_app.services.tasks import complete_task
from tests.planner import Planner
from tests.services.task_verbs import (
    MAX_POSITION,
    MONDAY,
    TUESDAY,
    UNKNOWN_ID,
    add_subtask,
    add_task,
    add_tasks,
    list_titles,
    page_of_tasks,
    read_task,
)

WEDNESDAY = "2026-11-25"


@pytest.mark.gen_test
async def test_one_task_is_read_with_its_subtasks_when_asked(planner: Planner) -> None:
    task = await add_task(planner)
    subtask = await add_subtask(planner, task["id"])

    assert "subtasks" not in await read_task(planner, task["id"])
    assert (await read_task(planner, task["id"], includeSubtasks="true"))["subtasks"] == [subtask]


@pytest.mark.gen_test
async def test_unknown_deleted_and_foreign_tasks_are_not_found(planner: Planner, stranger: Planner) -> None:
    deleted = await add_task(planner)
    await planner.change(delete_task, deleted["id"])
    foreign = await add_task(stranger)

    for task_id in (UNKNOWN_ID, deleted["id"], foreign["id"]):
        with pytest.raises(NotFound):
            await read_task(planner, task_id)


@pytest.mark.gen_test
async def test_a_list_holds_what_is_the_users_and_not_deleted(planner: Planner, stranger: Planner) -> None:
    await add_task(planner, "mine")
    await add_task(stranger, "foreign")
    deleted = await add_task(planner, "deleted")
    await planner.change(delete_task, deleted["id"])

    rows, total = await page_of_tasks(planner)

    assert ([task["title"] for task in rows], total) == (["mine"], 1)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"date": TUESDAY}, ["tuesday"]),
        ({"from_": TUESDAY}, ["tuesday", "wednesday"]),
        ({"to": TUESDAY}, ["monday", "tuesday"]),
        ({"from_": TUESDAY, "to": TUESDAY}, ["tuesday"]),
        ({"from_": WEDNESDAY, "to": MONDAY}, []),
        ({"backlog": "true"}, ["backlog"]),
        ({"backlog": "false"}, ["monday", "tuesday", "wednesday"]),
        ({"backlog": "true", "date": MONDAY}, []),
        ({"completed": "true"}, ["tuesday"]),
        ({"completed": "false"}, ["monday", "wednesday", "backlog"]),
        ({"priority": "P0"}, ["wednesday"]),
        ({"priority": "P2", "completed": "false", "to": TUESDAY}, ["monday"]),
    ],
)
async def test_filters_combine(planner: Planner, query: dict[str, str], titles: list[str]) -> None:
    await add_task(planner, "backlog")
    await add_task(planner, "wednesday", scheduledDate=WEDNESDAY, priority="P0")
    tuesday = await add_task(planner, "tuesday", scheduledDate=TUESDAY)
    await add_task(planner, "monday", scheduledDate=MONDAY)
    await planner.change(complete_task, tuesday["id"])

    assert await list_titles(planner, **query) == titles


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("search", "titles"),
    [
        ("GROß", ["Große Runde"]),
        ("grosse", ["Große Runde"]),
        ("ΟΔΌΣ", ["Οδός"]),
        ("50%", ["50% done"]),
        ("a_b", ["a_b"]),
        ("a/b", ["a/b"]),
        ("\\", ["back\\slash"]),
        ("ärger", ["in the notes"]),
        ("", ["Große Runde", "Οδός", "50% done", "501 done", "a_b", "axb", "a/b", "back\\slash", "in the notes"]),
        ("donea", []),
    ],
)
async def test_search_folds_case_and_takes_signs_literally(planner: Planner, search: str, titles: list[str]) -> None:
    await add_tasks(planner, "Große Runde", "Οδός", "50% done", "501 done", "a_b", "axb", "a/b", "back\\slash")
    await add_task(planner, "in the notes", notes="Viel ÄRGER")

    assert await list_titles(planner, search=search) == titles


@pytest.mark.gen_test
async def test_a_search_does_not_run_from_the_title_into_the_notes(planner: Planner) -> None:
    await add_task(planner, "foot", notes="ball")

    assert await list_titles(planner, search="football") == []


@pytest.mark.gen_test
async def test_the_default_order_is_by_day_then_position_then_newest(planner: Planner) -> None:
    await add_task(planner, "backlog")
    await add_task(planner, "tuesday", scheduledDate=TUESDAY)
    await add_task(planner, "monday second", scheduledDate=MONDAY, position=1)
    planner.clock.advance(seconds=1)
    await add_task(planner, "monday second, newer", scheduledDate=MONDAY, position=1)
    await add_task(planner, "monday first", scheduledDate=MONDAY, position=0)

    monday = ["monday first", "monday second, newer", "monday second"]
    assert await list_titles(planner) == [*monday, "tuesday", "backlog"]


@pytest.mark.gen_test
async def test_by_priority_the_most_urgent_come_first(planner: Planner) -> None:
    await add_task(planner, "low", priority="P3", position=0)
    await add_task(planner, "high, later", priority="P0", position=2, scheduledDate=MONDAY)
    await add_task(planner, "high, sooner", priority="P0", position=1, scheduledDate=TUESDAY)
    await add_task(planner, "middle", priority="P1", position=0)

    assert await list_titles(planner, sortBy="priority") == ["high, sooner", "high, later", "middle", "low"]


@pytest.mark.gen_test
async def test_by_creation_the_newest_come_first(planner: Planner) -> None:
    for title in ("oldest", "older", "newest"):
        await add_task(planner, title)
        planner.clock.advance(seconds=1)

    assert await list_titles(planner, sortBy="createdAt") == ["newest", "older", "oldest"]


@pytest.mark.gen_test
@pytest.mark.parametrize("sort_by", ["position", "priority", "createdAt"])
async def test_pages_never_overlap_when_all_else_is_equal(planner: Planner, sort_by: str) -> None:
    created = {(await add_task(planner, position=0))["id"] for _ in range(7)}

    pages = [await page_of_tasks(planner, sortBy=sort_by, page=str(page), limit="3") for page in (1, 2, 3)]

    assert [len(rows) for rows, _ in pages] == [3, 3, 1]
    assert {task["id"] for rows, _ in pages for task in rows} == created
    assert {total for _, total in pages} == {7}


@pytest.mark.gen_test
@pytest.mark.parametrize("page", ["2", "3", str(MAX_POSITION)])
async def test_a_page_beyond_the_end_is_empty_and_has_the_total(planner: Planner, page: str) -> None:
    await add_tasks(planner, "a", "b")

    assert await page_of_tasks(planner, page=page, limit="2") == ([], 2)


@pytest.mark.gen_test
async def test_a_list_carries_subtasks_when_asked(planner: Planner) -> None:
    first, second = await add_tasks(planner, "a", "b")
    subtasks = [await add_subtask(planner, first["id"], title) for title in "xy"]

    rows, _ = await page_of_tasks(planner, includeSubtasks="true")

    assert [(task["id"], task["subtasks"]) for task in rows] == [(first["id"], subtasks), (second["id"], [])]
    assert await page_of_tasks(planner, includeSubtasks="true", search="nothing") == ([], 0)

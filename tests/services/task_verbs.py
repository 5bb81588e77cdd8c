"""What tests do with tasks and subtasks, spoken in the wire's names."""

from __future__ import annotations

from typing import Any

from realtime_app.schemas.fields import parse
from realtime_app.schemas.subtasks import SubtaskBody, SubtaskChangesBody, SubtaskOrderBody
from realtime_app.schemas.tasks import TaskBody, TaskChangesBody, TaskListQuery, TaskOrderBody, TaskQuery
from realtime_app.services.representations import JsonObject
from realtime_app.services.subtasks import create_subtask, reorder_subtasks, update_subtask
from realtime_app.services.task_order import reorder_tasks
from realtime_app.services.task_queries import get_task, list_tasks
from realtime_app.services.tasks import create_task, update_task
from tests.planner import Planner

MONDAY = "2026-11-23"
TUESDAY = "2026-11-24"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
MAX_POSITION = 2**31 - 1


async def add_task(planner: Planner, title: str = "Write", **fields: Any) -> JsonObject:
    return await planner.change(create_task, parse(TaskBody, {"title": title, **fields}))


async def add_tasks(planner: Planner, *titles: str, **fields: Any) -> list[JsonObject]:
    return [await add_task(planner, title, **fields) for title in titles]


async def patch_task(
    planner: Planner, task_id: str, if_match: frozenset[int] | None = None, **fields: Any
) -> JsonObject:
    return await planner.change(update_task, task_id, parse(TaskChangesBody, fields), if_match)


async def read_task(planner: Planner, task_id: str, **query: str) -> JsonObject:
    return await planner.read(get_task, task_id, parse(TaskQuery, query))


async def page_of_tasks(planner: Planner, **query: str) -> tuple[list[JsonObject], int]:
    """`from` is a word of Python: write `from_`."""
    return await planner.read(
        list_tasks, parse(TaskListQuery, {name.rstrip("_"): text for name, text in query.items()})
    )


async def list_titles(planner: Planner, **query: str) -> list[str]:
    rows, _ = await page_of_tasks(planner, **query)
    return [task["title"] for task in rows]


async def order_tasks(planner: Planner, date: str, *task_ids: str) -> list[JsonObject]:
    return await planner.change(reorder_tasks, parse(TaskOrderBody, {"date": date, "taskIds": task_ids}))


async def add_subtask(planner: Planner, task_id: str, title: str = "Draft", **fields: Any) -> JsonObject:
    return await planner.change(create_subtask, task_id, parse(SubtaskBody, {"title": title, **fields}))


async def patch_subtask(planner: Planner, task_id: str, subtask_id: str, **fields: Any) -> JsonObject:
    return await planner.change(update_subtask, task_id, subtask_id, parse(SubtaskChangesBody, fields))


async def order_subtasks(planner: Planner, task_id: str, *subtask_ids: str) -> list[JsonObject]:
    return await planner.change(reorder_subtasks, task_id, parse(SubtaskOrderBody, {"subtaskIds": subtask_ids}))

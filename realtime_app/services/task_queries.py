"""Reading tasks: one, and lists by filter and order. Deleted tasks are nowhere to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select

from realtime_app.errors import NotFound
from realtime_app.schemas.tasks import TaskListQuery, TaskQuery
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import TASK_COLUMNS, task_json
from realtime_app.services.subtask_queries import subtasks_by_task
from realtime_app.store.engine import Connection
from realtime_app.store.models import tasks

IN_BUCKET = (tasks.c.position, tasks.c.created_at.desc(), tasks.c.id)
"""The order of tasks within one day or within the backlog."""

_ORDERS = {
    "position": (tasks.c.scheduled_date.nulls_last(), *IN_BUCKET),
    "priority": (tasks.c.priority, *IN_BUCKET),
    "createdAt": (tasks.c.created_at.desc(), tasks.c.id),
}


def living(user_id: str) -> ColumnElement[bool]:
    """The user's tasks that aren't deleted."""
    return and_(tasks.c.user_id == user_id, tasks.c.deleted_at.is_(None))


def in_bucket(user_id: str, day: date | None) -> ColumnElement[bool]:
    """The tasks of a day, or those of the backlog."""
    return and_(living(user_id), tasks.c.scheduled_date == day)


async def find_task(connection: Connection, user_id: str, task_id: str) -> Row[Any]:
    """Raises NotFound."""
    found = await connection.execute(select(*TASK_COLUMNS).where(living(user_id), tasks.c.id == task_id))
    row = found.one_or_none()
    if row is None:
        raise NotFound("Task")
    return row


async def get_task(connection: Connection, user_id: str, task_id: str, query: TaskQuery) -> JsonObject:
    """Raises NotFound."""
    task = task_json(await find_task(connection, user_id, task_id))
    if query.include_subtasks:
        await _attach_subtasks(connection, user_id, [task])
    return task


async def list_tasks(connection: Connection, user_id: str, query: TaskListQuery) -> tuple[list[JsonObject], int]:
    """One page, and how many tasks there are on all pages."""
    conditions = _conditions(user_id, query)
    page = select(*TASK_COLUMNS).where(*conditions).order_by(*_ORDERS[query.sort_by])
    rows = (await connection.execute(page.limit(query.limit).offset(query.offset))).all()
    found = [task_json(row) for row in rows]
    if query.include_subtasks and found:
        await _attach_subtasks(connection, user_id, found)
    if len(found) < query.limit and (found or query.offset == 0):
        return found, query.offset + len(found)
    return found, await _count(connection, conditions)


async def _count(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> int:
    counted: int = (await connection.execute(select(func.count()).select_from(tasks).where(*conditions))).scalar_one()
    return counted


async def _attach_subtasks(connection: Connection, user_id: str, found: Sequence[JsonObject]) -> None:
    subtasks = await subtasks_by_task(connection, user_id, [task["id"] for task in found])
    for task in found:
        task["subtasks"] = subtasks[task["id"]]


def _conditions(user_id: str, query: TaskListQuery) -> list[ColumnElement[bool]]:
    conditions = [living(user_id)]
    if query.date is not None:
        conditions.append(tasks.c.scheduled_date == query.date)
    if query.from_ is not None:
        conditions.append(tasks.c.scheduled_date >= query.from_)
    if query.to is not None:
        conditions.append(tasks.c.scheduled_date <= query.to)
    if query.backlog is not None:
        conditions.append(_is_null(tasks.c.scheduled_date, query.backlog))
    if query.completed is not None:
        conditions.append(_is_null(tasks.c.completed_at, not query.completed))
    if query.priority is not None:
        conditions.append(tasks.c.priority == query.priority)
    if query.search:
        conditions.append(tasks.c.search_text.contains(query.search.casefold(), autoescape=True))
    return conditions


def _is_null(column: ColumnElement[Any], expected: bool) -> ColumnElement[bool]:
    return column.is_(None) if expected else column.is_not(None)

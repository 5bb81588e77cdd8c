"""Changing the subtasks of a task. Each change is one of the task: its version, its event with the field `subtasks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update

from realtime_app.core.events import EventType
from realtime_app.core.ordering import MAX_POSITION, put_first
from realtime_app.errors import Conflict, NotFound
from realtime_app.schemas.subtasks import SubtaskBody, SubtaskChangesBody, SubtaskOrderBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.subtasks import subtask_json
from realtime_app.services.subtask_queries import IN_TASK
from realtime_app.services.task_queries import living
from realtime_app.store.id_list import id_list
from realtime_app.store.models import subtasks, tasks
from realtime_app.store.unit_of_work import UnitOfWork

MAX_SUBTASKS = 1000
"""Subtasks of one task: they are always listed, ordered and answered whole."""


async def create_subtask(unit: UnitOfWork, task_id: str, body: SubtaskBody) -> JsonObject:
    """Raises NotFound, and Conflict when the task holds MAX_SUBTASKS."""
    task = await _touch_task(unit, task_id, _count(task_id), _last_position(task_id))
    if task.count_of_subtasks >= MAX_SUBTASKS:
        raise Conflict(f"A task holds at most {MAX_SUBTASKS} subtasks; delete some first")
    values = {
        "id": str(uuid4()),
        "task_id": task_id,
        "title": body.title,
        "completed": False,
        "position": await _end_of_task(unit, task) if body.position is None else body.position,
        "created_at": unit.now,
        "updated_at": unit.now,
    }
    row = (await unit.execute(insert(subtasks).values(values).returning(*subtasks.c))).one()
    _record(unit, task)
    return subtask_json(row)


async def update_subtask(unit: UnitOfWork, task_id: str, subtask_id: str, body: SubtaskChangesBody) -> JsonObject:
    """Raises NotFound."""
    task = await _touch_task(unit, task_id)
    changes = body.changes()
    this = _is_subtask(task_id, subtask_id)
    differs = or_(False, *(subtasks.c[name] != value for name, value in changes.items()))
    statement = update(subtasks).where(this, differs).values(**changes, updated_at=unit.now)
    changed = (await unit.execute(statement.returning(*subtasks.c))).one_or_none()
    if changed is not None:
        _record(unit, task)
        return subtask_json(changed)
    unchanged = (await unit.execute(select(*subtasks.c).where(this))).one_or_none()
    if unchanged is None:
        raise NotFound("Subtask")
    return subtask_json(unchanged)


async def delete_subtask(unit: UnitOfWork, task_id: str, subtask_id: str) -> None:
    """For good: only tasks and blocks come back. Raises NotFound."""
    task = await _touch_task(unit, task_id)
    statement = delete(subtasks).where(_is_subtask(task_id, subtask_id)).returning(subtasks.c.id)
    if (await unit.execute(statement)).one_or_none() is None:
        raise NotFound("Subtask")
    _record(unit, task)


async def reorder_subtasks(unit: UnitOfWork, task_id: str, body: SubtaskOrderBody) -> list[JsonObject]:
    """Puts the subtasks first, in this order, and returns all of the task's.

    Ids of no subtask are skipped. Raises NotFound when none is left.
    """
    task = await _touch_task(unit, task_id)
    rows = await _subtasks_in_order(unit, task_id)
    known = {row.id for row in rows}
    leading = [subtask_id for subtask_id in body.subtask_ids if subtask_id in known]
    if not leading:
        raise NotFound("Subtask")
    order = put_first(leading, [row.id for row in rows])
    changed = await _arrange(unit, order)
    if changed:
        _record(unit, task)
    after = {row.id: row for row in rows} | changed
    return [subtask_json(after[subtask_id]) for subtask_id in order]


async def _touch_task(unit: UnitOfWork, task_id: str, *columns: ColumnElement[Any]) -> Row[Any]:
    """Gives the task its next version; it is rolled back with a unit that records no event. Raises NotFound."""
    statement = (
        update(tasks)
        .where(living(unit.user_id), tasks.c.id == task_id)
        .values(version=tasks.c.version + 1, updated_at=unit.now)
        .returning(tasks.c.id, tasks.c.scheduled_date, tasks.c.version, *columns)
    )
    row = (await unit.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("Task")
    return row


def _record(unit: UnitOfWork, task: Row[Any]) -> None:
    day = task.scheduled_date and task.scheduled_date.isoformat()
    unit.record(
        EventType.TASK_UPDATED,
        {"taskId": task.id, "scheduledDate": day, "version": task.version, "fields": ["subtasks"]},
    )


def _is_subtask(task_id: str, subtask_id: str) -> ColumnElement[bool]:
    return (subtasks.c.id == subtask_id) & (subtasks.c.task_id == task_id)


def _count(task_id: str) -> ColumnElement[int]:
    counted = select(func.count()).select_from(subtasks).where(subtasks.c.task_id == task_id)
    return counted.scalar_subquery().label("count_of_subtasks")


def _last_position(task_id: str) -> ColumnElement[int]:
    last = select(func.coalesce(func.max(subtasks.c.position), -1)).where(subtasks.c.task_id == task_id)
    return last.scalar_subquery().label("last_position")


async def _end_of_task(unit: UnitOfWork, task: Row[Any]) -> int:
    """The position after the last one; numbers the subtasks anew when nothing comes after that."""
    if task.last_position < MAX_POSITION:
        return int(task.last_position + 1)
    rows = await _subtasks_in_order(unit, task.id)
    await _arrange(unit, [row.id for row in rows])
    return len(rows)


async def _subtasks_in_order(unit: UnitOfWork, task_id: str) -> Sequence[Row[Any]]:
    return (await unit.execute(select(*subtasks.c).where(subtasks.c.task_id == task_id).order_by(*IN_TASK))).all()


async def _arrange(unit: UnitOfWork, order: Sequence[str]) -> dict[str, Row[Any]]:
    """Gives the subtasks the positions 0, 1, 2 …; returns those that had another one."""
    places = id_list(unit.connection, order)
    statement = (
        update(subtasks)
        .where(subtasks.c.id == places.c.id, subtasks.c.position != places.c.place)
        .values(position=places.c.place, updated_at=unit.now)
        .returning(*subtasks.c)
    )
    return {row.id: row for row in await unit.execute(statement)}

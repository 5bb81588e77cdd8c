"""Making and changing one task. Deletion, order and subtasks have modules of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, update

from realtime_app.core.events import EventType
from realtime_app.core.ordering import MAX_POSITION
from realtime_app.core.search import search_text
from realtime_app.core.task_events import change_of_task, task_payload
from realtime_app.schemas.tasks import TaskBody, TaskChangesBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import TASK_COLUMNS, task_json, task_json_of
from realtime_app.services.task_order import end_of_bucket, make_last
from realtime_app.services.task_queries import find_task
from realtime_app.services.versions import require_version
from realtime_app.store.models import tasks
from realtime_app.store.unit_of_work import UnitOfWork


async def create_task(unit: UnitOfWork, body: TaskBody) -> JsonObject:
    values = _new_row(unit) | body.model_dump() | {"search_text": search_text(body.title, body.notes)}
    if body.position is None:
        values["position"] = end_of_bucket(unit.user_id, body.scheduled_date)
    unit.record(EventType.TASK_CREATED, task_payload(task_json_of(values)))
    row = (await unit.write(insert(tasks).values(values).returning(*TASK_COLUMNS))).one()
    return await _at_the_end(unit, row) if body.position is None else task_json(row)


async def update_task(
    unit: UnitOfWork, task_id: str, body: TaskChangesBody, if_match: Collection[int] | None = None
) -> JsonObject:
    """A task that moves to another day goes to the end of that bucket unless a position is given.

    Raises NotFound and VersionStale.
    """
    row = await find_task(unit.connection, unit.user_id, task_id)
    require_version("Task", task_json(row), if_match)
    return await _change(unit, row, body.changes())


async def complete_task(unit: UnitOfWork, task_id: str) -> JsonObject:
    """A completed task stays as it is. Raises NotFound."""
    row = await find_task(unit.connection, unit.user_id, task_id)
    return await _change(unit, row, {"completed_at": row.completed_at or unit.now})


async def uncomplete_task(unit: UnitOfWork, task_id: str) -> JsonObject:
    """Raises NotFound."""
    row = await find_task(unit.connection, unit.user_id, task_id)
    return await _change(unit, row, {"completed_at": None})


def _new_row(unit: UnitOfWork) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "user_id": unit.user_id,
        "actual_mins": 0,
        "completed_at": None,
        "subtasks_hidden": False,
        "version": 1,
        "created_at": unit.now,
        "updated_at": unit.now,
    }


async def _change(unit: UnitOfWork, row: Row[Any], wanted: Mapping[str, Any]) -> JsonObject:
    """Writes and reports those of the `wanted` values that differ from the row's."""
    before = task_json(row)
    values = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not values:
        return before
    values |= {"version": row.version + 1, "updated_at": unit.now}
    if "scheduled_date" in values and "position" not in wanted:
        return await _move_to_end(unit, row, values)
    unit.record(*change_of_task(before, task_json_of({**row._mapping, **values})))
    return task_json(await _write(unit, row, values))


async def _move_to_end(unit: UnitOfWork, row: Row[Any], values: Mapping[str, Any]) -> JsonObject:
    """To the end of another bucket: the event can't be told before the statement has found the position."""
    changed = await _write(unit, row, {**values, "position": end_of_bucket(unit.user_id, values["scheduled_date"])})
    unit.record(*change_of_task(task_json(row), task_json(changed)))
    return await _at_the_end(unit, changed)


async def _write(unit: UnitOfWork, row: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    text = search_text(values.get("title", row.title), values.get("notes", row.notes))
    statement = update(tasks).where(tasks.c.id == row.id).values(**values, search_text=text)
    return (await unit.write(statement.returning(*TASK_COLUMNS))).one()


async def _at_the_end(unit: UnitOfWork, row: Row[Any]) -> JsonObject:
    """The task that a statement placed by `end_of_bucket`; makes room when there was none."""
    if row.position < MAX_POSITION:
        return task_json(row)
    return await make_last(unit, row.scheduled_date, row.id)

"""Making and changing one time block. Deletion, scheduling and the cascade have modules of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, ScalarSelect, case, func, insert, select, update

from realtime_app.core.events import EventType
from realtime_app.core.ordering import MAX_POSITION
from realtime_app.core.time_block_events import change_of_time_block, time_block_payload
from realtime_app.core.times import wire_time
from realtime_app.errors import ValidationFailed
from realtime_app.schemas.time_blocks import TimeBlockBody, TimeBlockChangesBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import task_json
from realtime_app.services.representations.time_blocks import (
    TIME_BLOCK_COLUMNS,
    time_block_json,
    time_block_json_of,
    time_block_with_task_json,
)
from realtime_app.services.task_links import find_task_to_link
from realtime_app.services.time_block_queries import find_time_block, living_blocks
from realtime_app.services.versions import require_version
from realtime_app.store.models import time_blocks
from realtime_app.store.unit_of_work import UnitOfWork


async def create_time_block(unit: UnitOfWork, body: TimeBlockBody) -> JsonObject:
    """Raises NotFound for the task, Conflict when it takes no more blocks."""
    return await add_time_block(unit, body.model_dump(), await _task(unit, body.task_id))


async def add_time_block(unit: UnitOfWork, values: dict[str, Any], task: JsonObject | None) -> JsonObject:
    """`values` by column; without a position (or with None) the block goes to the end of its day."""
    row = _new_row(unit) | values
    if row.get("position") is None:
        row["position"] = _end_of_day(unit.user_id, row["date"])
    unit.record(EventType.TIME_BLOCK_CREATED, time_block_payload(time_block_json_of(row, task)))
    added = await unit.write(insert(time_blocks).values(row).returning(*TIME_BLOCK_COLUMNS))
    return time_block_json(added.one(), task)


async def update_time_block(
    unit: UnitOfWork, time_block_id: str, body: TimeBlockChangesBody, if_match: Collection[int] | None = None
) -> JsonObject:
    """Raises NotFound for the block or its new task, Conflict when that takes no more blocks, VersionStale, and
    ValidationFailed for times in a wrong order.
    """
    row = await find_time_block(unit.connection, unit.user_id, time_block_id)
    before = time_block_with_task_json(row)
    require_version("Time block", before, if_match)
    sent = body.changes()
    _require_order(row, sent)
    values = {name: value for name, value in sent.items() if value != getattr(row, name)}
    if not values:
        return before
    task = await _task(unit, values["task_id"]) if "task_id" in values else before["task"]
    if "task_id" in sent:
        values["unlinked_task_id"] = None
    values |= {"version": row.version + 1, "updated_at": unit.now}
    after = time_block_json_of({**row._mapping, **values}, task)
    unit.record(EventType.TIME_BLOCK_UPDATED, change_of_time_block(before, after))
    return time_block_json(await _write(unit, row, values), task)


async def _task(unit: UnitOfWork, task_id: str | None) -> JsonObject | None:
    return None if task_id is None else task_json(await find_task_to_link(unit, task_id))


def _new_row(unit: UnitOfWork) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "user_id": unit.user_id,
        "version": 1,
        "created_at": unit.now,
        "updated_at": unit.now,
    }


def _end_of_day(user_id: str, day: date) -> ScalarSelect[int]:
    """The position after the last one; equal to it when nothing comes after that, since blocks are listed by time."""
    last = func.max(time_blocks.c.position)
    following = case((last < MAX_POSITION, last + 1), else_=last)
    blocks = select(func.coalesce(following, 0)).where(living_blocks(user_id), time_blocks.c.date == day)
    return blocks.correlate(None).scalar_subquery()


def _require_order(row: Row[Any], sent: Mapping[str, Any]) -> None:
    start, end = sent.get("start_minute", row.start_minute), sent.get("end_minute", row.end_minute)
    if start < end:
        return
    if "end_minute" in sent:
        raise ValidationFailed({"endTime": [f"must be later than startTime ({wire_time(start)})"]})
    raise ValidationFailed({"startTime": [f"must be earlier than endTime ({wire_time(end)})"]})


async def _write(unit: UnitOfWork, row: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    statement = update(time_blocks).where(time_blocks.c.id == row.id).values(**values)
    return (await unit.write(statement.returning(*TIME_BLOCK_COLUMNS))).one()

"""Resizing a block so that the later blocks of its day make room."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from realtime_app.core.day_schedule import Span, push_later
from realtime_app.core.events import EventType
from realtime_app.core.time_block_events import change_of_time_block
from realtime_app.core.times import MINUTES_PER_DAY, wire_time
from realtime_app.errors import NotFound, ValidationFailed
from realtime_app.schemas.time_blocks import CascadeResizeBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.time_blocks import time_block_with_task_json
from realtime_app.services.time_block_queries import BY_TIME, living_blocks, with_tasks
from realtime_app.services.versions import require_version
from realtime_app.store.models import time_blocks
from realtime_app.store.unit_of_work import UnitOfWork


async def cascade_resize(
    unit: UnitOfWork, time_block_id: str, body: CascadeResizeBody, if_match: Collection[int] | None = None
) -> list[JsonObject]:
    """The blocks that changed, by time: so the resized one comes first. A later block is one that doesn't start before
    this one did or does.

    Raises NotFound, VersionStale, and ValidationFailed when a block would be pushed past midnight.
    """
    before = await _fetch_day(unit, time_block_id)
    if time_block_id not in before:
        raise NotFound("Time block")
    require_version("Time block", time_block_with_task_json(before[time_block_id]), if_match)
    spans = {block_id: Span(row.start_minute, row.end_minute) for block_id, row in before.items()}
    moved = _moved(spans, time_block_id, Span(body.start_minute, body.end_minute))
    if not moved:
        return []
    await _write_spans(unit, moved)
    after = await _fetch_day(unit, time_block_id)
    return [_record(unit, before[block_id], row) for block_id, row in after.items() if block_id in moved]


def _moved(spans: dict[str, Span], resized_id: str, resized: Span) -> dict[str, Span]:
    old = spans[resized_id]
    since = min(old.start, resized.start)
    later = {block_id: span for block_id, span in spans.items() if span.start >= since and block_id != resized_id}
    pushed = push_later(resized, later)
    for block_id, span in pushed.items():
        if span.end > MINUTES_PER_DAY:
            reason = f"pushes the block of {wire_time(spans[block_id].start)} past midnight"
            raise ValidationFailed({"endTime": [reason]})
    return pushed if resized == old else {resized_id: resized, **pushed}


async def _fetch_day(unit: UnitOfWork, time_block_id: str) -> dict[str, Row[Any]]:
    """All blocks of the day of this one, by time."""
    living = living_blocks(unit.user_id)
    day = select(time_blocks.c.date).where(living, time_blocks.c.id == time_block_id).correlate(None)
    rows = await unit.execute(with_tasks(living, time_blocks.c.date == day.scalar_subquery()).order_by(*BY_TIME))
    return {row.id: row for row in rows}


async def _write_spans(unit: UnitOfWork, spans: dict[str, Span]) -> None:
    statement = (
        update(time_blocks)
        .where(time_blocks.c.id == bindparam("block_id"))
        .values(
            start_minute=bindparam("start"),
            end_minute=bindparam("end"),
            version=time_blocks.c.version + 1,
            updated_at=unit.now,
        )
    )
    rows = [{"block_id": block_id, "start": span.start, "end": span.end} for block_id, span in spans.items()]
    await unit.connection.execute(statement, rows)


def _record(unit: UnitOfWork, old: Row[Any], new: Row[Any]) -> JsonObject:
    before, after = time_block_with_task_json(old), time_block_with_task_json(new)
    unit.record(EventType.TIME_BLOCK_UPDATED, change_of_time_block(before, after))
    return after

"""Resizing a block so that the later blocks of its day make room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from realtime_app.core.day_schedule import Span, push_later
from realtime_app.core.events import EventType
from realtime_app.core.time_block_events import change_of_time_block
from realtime_app.core.times import MINUTES_PER_DAY, wire_time
from realtime_app.errors import NotFound, ValidationFailed
from realtime_app.schemas.time_blocks import CascadeResizeBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.time_blocks import time_block_json_of, time_block_with_task_json
from realtime_app.services.time_block_queries import living_blocks, with_tasks
from realtime_app.services.versions import require_version
from realtime_app.store.id_list import id_list
from realtime_app.store.models import time_blocks
from realtime_app.store.unit_of_work import UnitOfWork


async def cascade_resize(
    unit: UnitOfWork, time_block_id: str, body: CascadeResizeBody, if_match: Collection[int] | None = None
) -> list[JsonObject]:
    """The blocks that changed, by time: so the resized one comes first. A later block is one that doesn't start before
    this one did or does.

    Raises NotFound, VersionStale, and ValidationFailed when a block would be pushed past midnight.
    """
    spans = await _spans_of_day(unit, time_block_id)
    if time_block_id not in spans:
        raise NotFound("Time block")
    resized = Span(body.start_minute, body.end_minute)
    pushed = _pushed(spans, time_block_id, resized)
    before = await _fetch(unit, [time_block_id, *pushed])
    require_version("Time block", time_block_with_task_json(before[time_block_id]), if_match)
    _refuse_past_midnight(spans, pushed)
    moved = pushed if resized == spans[time_block_id] else {time_block_id: resized, **pushed}
    if moved:
        await _write_spans(unit, moved)
    return [_record(unit, before[block_id], span) for block_id, span in moved.items()]


async def _spans_of_day(unit: UnitOfWork, time_block_id: str) -> dict[str, Span]:
    """All blocks of the day of this one, without their texts: most of them stay where they are."""
    block, living = time_blocks.c, living_blocks(unit.user_id)
    day = select(block.date).where(living, block.id == time_block_id).correlate(None).scalar_subquery()
    statement = select(block.id, block.start_minute, block.end_minute).where(living, block.date == day)
    return {row.id: Span(row.start_minute, row.end_minute) for row in await unit.execute(statement)}


def _pushed(spans: dict[str, Span], resized_id: str, resized: Span) -> dict[str, Span]:
    """By time."""
    since = min(spans[resized_id].start, resized.start)
    later = {block_id: span for block_id, span in spans.items() if span.start >= since and block_id != resized_id}
    return push_later(resized, later)


def _refuse_past_midnight(spans: dict[str, Span], pushed: dict[str, Span]) -> None:
    for block_id, span in pushed.items():
        if span.end > MINUTES_PER_DAY:
            reason = f"pushes the block of {wire_time(spans[block_id].start)} past midnight"
            raise ValidationFailed({"endTime": [reason]})


async def _fetch(unit: UnitOfWork, block_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """With their tasks' columns."""
    listed = select(id_list(unit.connection, block_ids).c.id)
    rows = await unit.execute(with_tasks(living_blocks(unit.user_id), time_blocks.c.id.in_(listed)))
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


def _record(unit: UnitOfWork, row: Row[Any], span: Span) -> JsonObject:
    before = time_block_with_task_json(row)
    written = {"start_minute": span.start, "end_minute": span.end, "version": row.version + 1, "updated_at": unit.now}
    after = time_block_json_of({**row._mapping, **written}, before["task"])
    unit.record(EventType.TIME_BLOCK_UPDATED, change_of_time_block(before, after))
    return after

"""Time blocks made from a task: at a time that the caller gives, or in the first gap of its day."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from realtime_app.core.day_schedule import Span, first_gap_for_work
from realtime_app.core.times import MINUTES_PER_DAY, round_up, wall_clock, wire_time
from realtime_app.errors import Conflict, ValidationFailed
from realtime_app.schemas.time_blocks import DEFAULT_COLOR, MAX_TITLE_LENGTH, AutoScheduleBody, QuickScheduleBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import task_json
from realtime_app.services.task_links import find_task_to_link
from realtime_app.services.time_block_queries import living_blocks
from realtime_app.services.time_blocks import add_time_block
from realtime_app.store.models import time_blocks, users
from realtime_app.store.unit_of_work import UnitOfWork

DEFAULT_DURATION_MINS = 30
DEFAULT_WORK_START_HOUR = 9
DEFAULT_WORK_END_HOUR = 18
START_STEP_MINS = 15


async def quick_schedule(unit: UnitOfWork, body: QuickScheduleBody) -> JsonObject:
    """Raises ValidationFailed for a block that would end after midnight; NotFound and Conflict for the task."""
    span = Span(body.start_minute, body.start_minute + body.duration_mins)
    if span.end > MINUTES_PER_DAY:
        reason = f"a block from {wire_time(span.start)} would end after midnight"
        raise ValidationFailed({"durationMins": [reason]})
    task = await find_task_to_link(unit, body.task_id)
    return await _schedule(unit, task, body.date, span, body.color)


async def auto_schedule(unit: UnitOfWork, body: AutoScheduleBody) -> JsonObject:
    """Raises NotFound and Conflict for the task; Conflict too when its day has no gap that is long enough."""
    task = await find_task_to_link(unit, body.task_id, users.c.timezone, users.c.preferences)
    zone = ZoneInfo(task.timezone)
    day = task.scheduled_date or wall_clock(unit.now, zone).day
    preferences = task.preferences or {}
    duration_mins = task.estimated_mins or DEFAULT_DURATION_MINS
    gap = first_gap_for_work(
        await _busy_spans(unit, day),
        duration_mins,
        work_start_hour=preferences.get("workStartHour", DEFAULT_WORK_START_HOUR),
        work_end_hour=preferences.get("workEndHour", DEFAULT_WORK_END_HOUR),
        not_before=_earliest_start(unit.now, body.current_time, day, zone),
    )
    if gap is None:
        raise Conflict(f"There is no gap of {duration_mins} minutes left on {day}")
    return await _schedule(unit, task, day, gap, DEFAULT_COLOR)


def _earliest_start(now: datetime, current_time: datetime | int | None, day: date, zone: tzinfo) -> int:
    """A minute of the day counts on any day. Nothing fits into a day before a sent instant's; `now` counts today."""
    if isinstance(current_time, int):
        return round_up(current_time, START_STEP_MINS)
    clock = wall_clock(now if current_time is None else current_time, zone)
    if clock.day == day:
        return round_up(clock.minute_rounded_up, START_STEP_MINS)
    return MINUTES_PER_DAY if current_time is not None and clock.day > day else 0


async def _schedule(unit: UnitOfWork, task: Row[Any], day: date, span: Span, color: str) -> JsonObject:
    values = {
        "task_id": task.id,
        "title": task.title[:MAX_TITLE_LENGTH],
        "description": task.notes,
        "date": day,
        "start_minute": span.start,
        "end_minute": span.end,
        "color": color,
    }
    return await add_time_block(unit, values, task_json(task))


async def _busy_spans(unit: UnitOfWork, day: date) -> list[Span]:
    block = time_blocks.c
    statement = select(block.start_minute, block.end_minute).where(living_blocks(unit.user_id), block.date == day)
    return [Span(row.start_minute, row.end_minute) for row in await unit.execute(statement)]

"""The order of tasks in their buckets (a day, or the backlog): the end of one, and putting one in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, ScalarSelect, and_, case, func, or_, select, union_all, update

from realtime_app.core.events import EventType
from realtime_app.core.ordering import MAX_POSITION, put_first, put_last
from realtime_app.core.task_events import order_of_tasks
from realtime_app.errors import Conflict, NotFound
from realtime_app.schemas.tasks import TaskOrderBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import TASK_COLUMNS, task_json
from realtime_app.services.task_queries import IN_BUCKET, find_task, in_bucket, living
from realtime_app.store.id_list import id_list
from realtime_app.store.models import tasks
from realtime_app.store.unit_of_work import UnitOfWork

MAX_CHARACTERS = 32 * 1024 * 1024
"""Text of a bucket that is answered whole: three times what a page of tasks may hold."""

_PLACE_COLUMNS = (
    tasks.c.id,
    tasks.c.scheduled_date,
    tasks.c.position,
    tasks.c.created_at,
    (func.length(tasks.c.title) + func.coalesce(func.length(tasks.c.notes), 0)).label("characters"),
)


def end_of_bucket(user_id: str, day: date | None) -> ScalarSelect[int]:
    """The position after the last one, for use inside a statement; MAX_POSITION when nothing comes after that."""
    last = func.max(tasks.c.position)
    following = case((last < MAX_POSITION, last + 1), else_=last)
    return select(func.coalesce(following, 0)).where(in_bucket(user_id, day)).correlate(None).scalar_subquery()


async def reorder_tasks(unit: UnitOfWork, body: TaskOrderBody) -> list[JsonObject]:
    """Puts the tasks first in their bucket, in this order, and returns the whole bucket.

    Ids of no task are skipped. Raises NotFound when none is left, Conflict when the bucket is too large to be returned.
    """
    rows = await _bucket_with(unit, body.date, body.task_ids)
    known = {row.id for row in rows}
    leading = [task_id for task_id in body.task_ids if task_id in known]
    if not leading:
        raise NotFound("Task")
    if sum(row.characters for row in rows) > MAX_CHARACTERS:
        raise Conflict("This list is too long to be put in order: its tasks hold more than 32 MB of text")
    bucket = [row.id for row in rows if row.scheduled_date == body.date]
    await _arrange(unit, body.date, rows, put_first(leading, bucket))
    return await _list_bucket(unit, body.date)


async def make_last(unit: UnitOfWork, day: date | None, task_id: str) -> JsonObject:
    """Numbers the bucket anew with this task at its end, for when no position is left beyond the last one."""
    rows = await _bucket_with(unit, day, [])
    await _arrange(unit, day, rows, put_last(task_id, [row.id for row in rows]))
    return task_json(await find_task(unit.connection, unit.user_id, task_id))


async def _bucket_with(unit: UnitOfWork, day: date | None, task_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """The places of the bucket's tasks in their order, and of those of other buckets that are named."""
    named = id_list(unit.connection, task_ids)
    bucket = select(*_PLACE_COLUMNS).where(in_bucket(unit.user_id, day))
    elsewhere = and_(living(unit.user_id), tasks.c.scheduled_date.is_distinct_from(day))
    others = select(*_PLACE_COLUMNS).join(named, tasks.c.id == named.c.id).where(elsewhere)
    both = union_all(bucket, others).subquery()
    order = [both.c.position, both.c.created_at.desc(), both.c.id]
    return (await unit.execute(select(both).order_by(*order))).all()


async def _list_bucket(unit: UnitOfWork, day: date | None) -> list[JsonObject]:
    statement = select(*TASK_COLUMNS).where(in_bucket(unit.user_id, day)).order_by(*IN_BUCKET)
    return [task_json(row) for row in await unit.execute(statement)]


async def _arrange(unit: UnitOfWork, day: date | None, rows: Sequence[Row[Any]], order: Sequence[str]) -> None:
    """Gives the tasks of `order` this day and the positions 0, 1, 2 …; writes and reports only what differs."""
    before = {row.id: (row.scheduled_date, row.position) for row in rows}
    if all(before[task_id] == (day, position) for position, task_id in enumerate(order)):
        return
    _record(unit, day, order, {task_id: scheduled_date for task_id, (scheduled_date, _) in before.items()})
    places = id_list(unit.connection, order)
    differs = or_(tasks.c.position != places.c.place, tasks.c.scheduled_date.is_distinct_from(day))
    changed = {"position": places.c.place, "scheduled_date": day, "version": tasks.c.version + 1}
    statement = update(tasks).where(tasks.c.id == places.c.id, differs)
    await unit.write(statement.values(**changed, updated_at=unit.now))


def _record(unit: UnitOfWork, day: date | None, order: Sequence[str], days: Mapping[str, date | None]) -> None:
    moved_from = {task_id: _wire_day(days[task_id]) for task_id in order if days[task_id] != day}
    unit.record(EventType.TASK_REORDERED, order_of_tasks(_wire_day(day), order, moved_from))


def _wire_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

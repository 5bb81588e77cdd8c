"""The order of tasks in their buckets (a day, or the backlog): the end of one, and putting one in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, ScalarSelect, and_, case, func, or_, select, union_all, update

from realtime_app.core.events import EventType
from realtime_app.core.ordering import MAX_POSITION, put_first, put_last
from realtime_app.core.task_events import order_of_tasks
from realtime_app.errors import NotFound
from realtime_app.schemas.tasks import TaskOrderBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import TASK_COLUMNS, task_json
from realtime_app.services.task_queries import in_bucket, living
from realtime_app.store.id_list import id_list
from realtime_app.store.models import tasks
from realtime_app.store.unit_of_work import UnitOfWork


def end_of_bucket(user_id: str, day: date | None) -> ScalarSelect[int]:
    """The position after the last one, for use inside a statement; MAX_POSITION when nothing comes after that."""
    last = func.max(tasks.c.position)
    following = case((last < MAX_POSITION, last + 1), else_=last)
    return select(func.coalesce(following, 0)).where(in_bucket(user_id, day)).correlate(None).scalar_subquery()


async def reorder_tasks(unit: UnitOfWork, body: TaskOrderBody) -> list[JsonObject]:
    """Puts the tasks first in their bucket, in this order, and returns the whole bucket.

    Ids of no task are skipped. Raises NotFound when none is left.
    """
    rows = await _bucket_with(unit, body.date, body.task_ids)
    known = {row.id for row in rows}
    leading = [task_id for task_id in body.task_ids if task_id in known]
    if not leading:
        raise NotFound("Task")
    bucket = [row.id for row in rows if row.scheduled_date == body.date]
    return await _arrange(unit, body.date, rows, put_first(leading, bucket))


async def make_last(unit: UnitOfWork, day: date | None, task_id: str) -> JsonObject:
    """Numbers the bucket anew with this task at its end, for when no position is left beyond the last one."""
    rows = await _bucket_with(unit, day, [])
    bucket = await _arrange(unit, day, rows, put_last(task_id, [row.id for row in rows]))
    return bucket[-1]


async def _bucket_with(unit: UnitOfWork, day: date | None, task_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """The bucket's tasks in their order, and those of other buckets that are named."""
    named = id_list(unit.connection, task_ids)
    bucket = select(*TASK_COLUMNS).where(in_bucket(unit.user_id, day))
    elsewhere = and_(living(unit.user_id), tasks.c.scheduled_date.is_distinct_from(day))
    others = select(*TASK_COLUMNS).join(named, tasks.c.id == named.c.id).where(elsewhere)
    both = union_all(bucket, others).subquery()
    order = [both.c.position, both.c.created_at.desc(), both.c.id]
    return (await unit.execute(select(both).order_by(*order))).all()


async def _arrange(
    unit: UnitOfWork, day: date | None, rows: Sequence[Row[Any]], order: Sequence[str]
) -> list[JsonObject]:
    """Gives the tasks of `order` this day and the positions 0, 1, 2 …; writes and reports only what differs."""
    before = {row.id: task_json(row) for row in rows}
    if _is_arranged(day, rows, order):
        return [before[task_id] for task_id in order]
    _record(unit, day, order, before)
    places = id_list(unit.connection, order)
    differs = or_(tasks.c.position != places.c.place, tasks.c.scheduled_date.is_distinct_from(day))
    statement = (
        update(tasks)
        .where(tasks.c.id == places.c.id, differs)
        .values(position=places.c.place, scheduled_date=day, version=tasks.c.version + 1, updated_at=unit.now)
        .returning(*TASK_COLUMNS)
    )
    after = before | {row.id: task_json(row) for row in await unit.write(statement)}
    return [after[task_id] for task_id in order]


def _is_arranged(day: date | None, rows: Sequence[Row[Any]], order: Sequence[str]) -> bool:
    places = {row.id: (row.scheduled_date, row.position) for row in rows}
    return all(places[task_id] == (day, position) for position, task_id in enumerate(order))


def _record(unit: UnitOfWork, day: date | None, order: Sequence[str], before: dict[str, JsonObject]) -> None:
    date_now = None if day is None else day.isoformat()
    dates = {task_id: before[task_id]["scheduledDate"] for task_id in order}
    moved_from = {task_id: date_then for task_id, date_then in dates.items() if date_then != date_now}
    unit.record(EventType.TASK_REORDERED, order_of_tasks(date_now, order, moved_from))

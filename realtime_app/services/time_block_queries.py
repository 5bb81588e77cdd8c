"""Reading time blocks: one, and lists by filter. Deleted blocks are nowhere to be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from realtime_app.core.times import wall_clock
from realtime_app.errors import NotFound
from realtime_app.schemas.time_blocks import TimeBlockListQuery
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.time_blocks import TIME_BLOCK_WITH_TASK_COLUMNS, time_block_with_task_json
from realtime_app.store.engine import Connection
from realtime_app.store.models import tasks, time_blocks, users

BY_TIME = (time_blocks.c.date, time_blocks.c.start_minute, time_blocks.c.id)


def living_blocks(user_id: str) -> ColumnElement[bool]:
    """The user's blocks that aren't deleted."""
    return and_(time_blocks.c.user_id == user_id, time_blocks.c.deleted_at.is_(None))


def with_tasks(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Blocks, each with its task's columns."""
    linked = time_blocks.outerjoin(tasks, tasks.c.id == time_blocks.c.task_id)
    return select(*TIME_BLOCK_WITH_TASK_COLUMNS).select_from(linked).where(*conditions)


async def find_time_block(connection: Connection, user_id: str, time_block_id: str) -> Row[Any]:
    """With its task's columns. Raises NotFound."""
    found = await connection.execute(with_tasks(living_blocks(user_id), time_blocks.c.id == time_block_id))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound("Time block")
    return row


async def get_time_block(connection: Connection, user_id: str, time_block_id: str) -> JsonObject:
    """Raises NotFound."""
    return time_block_with_task_json(await find_time_block(connection, user_id, time_block_id))


async def list_time_blocks(
    connection: Connection, user_id: str, query: TimeBlockListQuery
) -> tuple[list[JsonObject], int]:
    """One page by date, start and id, and how many blocks there are on all pages."""
    zone = await _zone(connection, user_id) if query.start_time_from or query.start_time_to else UTC
    conditions = [living_blocks(user_id), *_conditions(query, zone)]
    page = with_tasks(*conditions).order_by(*BY_TIME).limit(query.limit).offset(query.offset)
    found = [time_block_with_task_json(row) for row in await connection.execute(page)]
    if len(found) < query.limit and (found or query.offset == 0):
        return found, query.offset + len(found)
    return found, await _count(connection, conditions)


def _conditions(query: TimeBlockListQuery, zone: tzinfo) -> Iterator[ColumnElement[bool]]:
    """Instants are compared as date and minute on the user's wall clock, which is all that a block's start is.

    So both passes of an hour that the end of summer time repeats find the same blocks, and a block within the hour
    that its beginning skips lies between the instants before and after.
    """
    block = time_blocks.c
    if query.date:
        yield block.date == query.date
    if query.from_:
        yield block.date >= query.from_
    if query.to:
        yield block.date <= query.to
    if query.task_id:
        yield block.task_id == query.task_id
    if query.unassigned_only:
        yield block.task_id.is_(None)
    if query.start_time_from:
        since = wall_clock(query.start_time_from, zone)
        yield block.date >= since.day
        yield or_(block.date > since.day, block.start_minute >= since.minute_rounded_up)
    if query.start_time_to:
        until = wall_clock(query.start_time_to, zone)
        yield block.date <= until.day
        yield or_(block.date < until.day, block.start_minute <= until.minute)


async def _zone(connection: Connection, user_id: str) -> ZoneInfo:
    return ZoneInfo((await connection.execute(select(users.c.timezone).where(users.c.id == user_id))).scalar_one())


async def _count(connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> int:
    counting = select(func.count()).select_from(time_blocks).where(*conditions)
    counted: int = (await connection.execute(counting)).scalar_one()
    return counted

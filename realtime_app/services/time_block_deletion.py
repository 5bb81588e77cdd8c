"""Deleting time blocks, bringing them back within a week, and removing what nobody brought back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from realtime_app.core.events import EventType
from realtime_app.core.time_block_events import time_block_payload
from realtime_app.errors import Conflict, NotFound
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.time_blocks import TIME_BLOCK_COLUMNS, time_block_json
from realtime_app.services.task_deletion import PURGE_BATCH, RESTORABLE_FOR
from realtime_app.services.time_block_queries import get_time_block
from realtime_app.services.versions import require_version
from realtime_app.store.engine import Connection
from realtime_app.store.models import time_blocks
from realtime_app.store.unit_of_work import UnitOfWork


async def delete_time_block(unit: UnitOfWork, time_block_id: str, if_match: Collection[int] | None = None) -> None:
    """Raises NotFound and VersionStale."""
    block = await get_time_block(unit.connection, unit.user_id, time_block_id)
    require_version("Time block", block, if_match)
    deleted = time_block_json(await _mark(unit, time_block_id, deleted_at=unit.now), None)
    unit.record(EventType.TIME_BLOCK_DELETED, time_block_payload(deleted))


async def restore_time_block(unit: UnitOfWork, time_block_id: str) -> JsonObject:
    """The block as it was, without its task if that was deleted meanwhile.

    Raises Conflict when it isn't deleted, NotFound when it is unknown or was deleted too long ago.
    """
    await _require_restorable(unit, time_block_id)
    await _mark(unit, time_block_id, deleted_at=None)
    block = await get_time_block(unit.connection, unit.user_id, time_block_id)
    unit.record(EventType.TIME_BLOCK_CREATED, time_block_payload(block))
    return block


async def purge_deleted(connection: Connection, before: datetime) -> int:
    """Removes up to PURGE_BATCH blocks that were deleted before that instant, and says how many it removed."""
    is_due = time_blocks.c.deleted_at < before
    batch = select(time_blocks.c.id).where(is_due).limit(PURGE_BATCH)
    # Asked twice, since a restore may come between the choice and the deletion.
    purged = await connection.execute(delete(time_blocks).where(time_blocks.c.id.in_(batch), is_due))
    return purged.rowcount


async def _mark(unit: UnitOfWork, time_block_id: str, deleted_at: datetime | None) -> Row[Any]:
    statement = (
        update(time_blocks)
        .where(time_blocks.c.id == time_block_id)
        .values(deleted_at=deleted_at, version=time_blocks.c.version + 1, updated_at=unit.now)
        .returning(*TIME_BLOCK_COLUMNS)
    )
    return (await unit.execute(statement)).one()


async def _require_restorable(unit: UnitOfWork, time_block_id: str) -> None:
    block = time_blocks.c
    statement = select(block.deleted_at).where(block.id == time_block_id, block.user_id == unit.user_id)
    row = (await unit.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("Time block")
    if row.deleted_at is None:
        raise Conflict("Time block is not deleted")
    if row.deleted_at < unit.now - RESTORABLE_FOR:
        raise NotFound("Time block")

"""Deleting time blocks, bringing them back within a week, and removing what nobody brought back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from realtime_app.core.events import EventType
from realtime_app.core.time_block_events import time_block_payload
from realtime_app.services.deletion import PURGE_BATCH, mark, purge, require_restorable
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.time_blocks import TIME_BLOCK_COLUMNS, time_block_json
from realtime_app.services.time_block_queries import get_time_block
from realtime_app.services.versions import require_version
from realtime_app.store.engine import Connection
from realtime_app.store.models import time_blocks
from realtime_app.store.unit_of_work import UnitOfWork


async def delete_time_block(unit: UnitOfWork, time_block_id: str, if_match: Collection[int] | None = None) -> None:
    """Raises NotFound and VersionStale."""
    block = await get_time_block(unit.connection, unit.user_id, time_block_id)
    require_version("Time block", block, if_match)
    deleted = time_block_json(await mark(unit, time_blocks, time_block_id, unit.now, TIME_BLOCK_COLUMNS), None)
    unit.record(EventType.TIME_BLOCK_DELETED, time_block_payload(deleted))


async def restore_time_block(unit: UnitOfWork, time_block_id: str) -> JsonObject:
    """The block as it was, without its task if that was deleted meanwhile.

    Raises Conflict when it isn't deleted, NotFound when it is unknown or was deleted too long ago.
    """
    await require_restorable(unit, time_blocks, time_block_id, "Time block")
    await mark(unit, time_blocks, time_block_id, None, TIME_BLOCK_COLUMNS)
    block = await get_time_block(unit.connection, unit.user_id, time_block_id)
    unit.record(EventType.TIME_BLOCK_CREATED, time_block_payload(block))
    return block


async def purge_deleted(connection: Connection, before: datetime) -> int:
    """Removes up to PURGE_BATCH blocks that were deleted before that instant, and says how many it removed."""
    return await purge(connection, time_blocks, before, PURGE_BATCH)

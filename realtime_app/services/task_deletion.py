"""Deleting tasks, bringing them back within a week, and removing what nobody brought back.

A deleted task keeps its row and its subtasks. Its time blocks lose their link, but remember it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import null, update

from realtime_app.core.events import EventType
from realtime_app.core.task_events import task_payload
from realtime_app.services.deletion import PURGE_BATCH, mark, purge, require_restorable
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import TASK_COLUMNS, task_json
from realtime_app.services.task_queries import find_task
from realtime_app.services.versions import require_version
from realtime_app.store.engine import Connection
from realtime_app.store.models import tasks, time_blocks
from realtime_app.store.unit_of_work import UnitOfWork


async def delete_task(unit: UnitOfWork, task_id: str, if_match: Collection[int] | None = None) -> None:
    """Its blocks get neither a version nor an event for the lost link. Raises NotFound and VersionStale."""
    row = await find_task(unit.connection, unit.user_id, task_id)
    require_version("Task", task_json(row), if_match)
    deleted = await mark(unit, tasks, task_id, unit.now, TASK_COLUMNS)
    await _unlink_blocks(unit, task_id)
    unit.record(EventType.TASK_DELETED, task_payload(task_json(deleted)))


async def restore_task(unit: UnitOfWork, task_id: str) -> JsonObject:
    """The task as it was, completion and position included, with its subtasks and the links of its blocks.

    Raises Conflict when it isn't deleted, NotFound when it is unknown or was deleted too long ago.
    """
    await require_restorable(unit, tasks, task_id, "Task")
    task = task_json(await mark(unit, tasks, task_id, None, TASK_COLUMNS))
    payload = task_payload(task)
    if linked := await _relink_blocks(unit, task_id):
        payload["timeBlockIds"] = linked
    unit.record(EventType.TASK_CREATED, payload)
    return task


async def purge_deleted(connection: Connection, before: datetime, *, batch_size: int = PURGE_BATCH) -> int:
    """Removes a batch of the tasks that were deleted before that instant; fewer than `batch_size` were the last."""
    return await purge(connection, tasks, before, batch_size)


async def _unlink_blocks(unit: UnitOfWork, task_id: str) -> None:
    linked = time_blocks.c.task_id == task_id
    await unit.execute(update(time_blocks).where(linked).values(task_id=null(), unlinked_task_id=task_id))


async def _relink_blocks(unit: UnitOfWork, task_id: str) -> list[str]:
    """The ids of the blocks that show the task again; deleted ones get their link back unnamed."""
    remembering = (time_blocks.c.unlinked_task_id == task_id) & time_blocks.c.task_id.is_(None)
    statement = update(time_blocks).where(remembering).values(task_id=task_id, unlinked_task_id=null())
    rows = (await unit.execute(statement.returning(time_blocks.c.id, time_blocks.c.deleted_at))).all()
    return sorted(row.id for row in rows if row.deleted_at is None)

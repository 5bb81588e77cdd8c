"""What deleting means for tasks and time blocks alike: a mark that can be taken back for a week, then the row's end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Row, Table, delete, select, update

from realtime_app.errors import Conflict, NotFound
from realtime_app.store.engine import Connection
from realtime_app.store.unit_of_work import UnitOfWork

RESTORABLE_FOR = timedelta(days=7)

PURGE_BATCH = 500
"""Rows removed in one statement, a task's with its subtasks: it holds locks while it runs."""


async def mark(
    unit: UnitOfWork, table: Table, row_id: str, deleted_at: datetime | None, returning: tuple[Column[Any], ...]
) -> Row[Any]:
    """Deletes the row, or brings it back with None: a new version either way."""
    statement = (
        update(table)
        .where(table.c.id == row_id)
        .values(deleted_at=deleted_at, version=table.c.version + 1, updated_at=unit.now)
        .returning(*returning)
    )
    return (await unit.execute(statement)).one()


async def require_restorable(unit: UnitOfWork, table: Table, row_id: str, what: str) -> None:
    """Raises Conflict when the row isn't deleted, NotFound when it is unknown or was deleted too long ago.

    `what` is the noun of the row, capitalised.
    """
    statement = select(table.c.deleted_at).where(table.c.id == row_id, table.c.user_id == unit.user_id)
    row = (await unit.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(what)
    if row.deleted_at is None:
        raise Conflict(f"{what} is not deleted")
    if row.deleted_at < unit.now - RESTORABLE_FOR:
        raise NotFound(what)


async def purge(connection: Connection, table: Table, before: datetime, batch_size: int) -> int:
    """Removes a batch of the rows that were deleted before that instant; fewer than `batch_size` were the last."""
    is_due = table.c.deleted_at < before
    batch = select(table.c.id).where(is_due).limit(batch_size)
    # Asked twice, since a restore may come between the choice and the deletion.
    purged = await connection.execute(delete(table).where(table.c.id.in_(batch), is_due))
    return purged.rowcount

"""The log's incarnation: a new one after a database was restored, or a replica took over that had not heard it all."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.sql.functions import coalesce

from realtime_app.store.engine import Database
from realtime_app.store.models import event_epochs, event_heads, events


async def begin_new_epoch(database: Database) -> str:
    """Gives every head the new epoch and at least the newest id of its log; returns the epoch.

    Safe while processes run: each head is locked as a write locks it, so an event belongs to the old epoch or to the
    new one, and a registration that runs beside it waits on the epoch's row. Raises DatabaseUnavailable.
    """
    epoch = str(uuid4())
    newest = (
        select(coalesce(func.max(events.c.id), 0)).where(events.c.user_id == event_heads.c.user_id).scalar_subquery()
    )
    # All heads in one transaction, behind every writer that is under way.
    async with database.unhurried() as unhurried, unhurried.writing() as connection:
        await connection.execute(update(event_epochs).values(epoch=epoch))
        # Locked first, read after: an UPDATE that waits for a lock would still see the log as it was before the wait.
        await connection.execute(update(event_heads).values(epoch=epoch))
        greatest = func.max if database.is_sqlite else func.greatest
        await connection.execute(update(event_heads).values(last_id=greatest(event_heads.c.last_id, newest)))
    return epoch

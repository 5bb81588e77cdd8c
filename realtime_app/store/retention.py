"""Keeps each user's event log within its age, count and size. Pruning and raising `pruned_to` are one transaction's.

Safe while several processes do it: a batch is a transaction under the user's head lock, and what one has pruned the
other no longer finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.sql.functions import coalesce

from realtime_app.errors import DatabaseUnavailable
from realtime_app.store.engine import Connection, Database
from realtime_app.store.models import event_heads, events

USERS_PER_ROUND = 100
EVENTS_PER_BATCH = 1000

FEWEST_LARGE_EVENTS = 100
"""No log with fewer can be over 16 MiB: an event has at most MAX_EVENT_BYTES, 128 KiB."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept of one user's events: the younger, at most so many, at most so large."""

    age: timedelta
    most_events: int = 10_000
    most_bytes: int = 16 * 1024 * 1024


class Excess(StrEnum):
    """What of a log can be over its limit."""

    AGE = "age"
    COUNT = "count"
    SIZE = "size"


class Pruner:
    """`prune` is one round; call it again while it returns as many users as it may take."""

    def __init__(self, database: Database, retention: Retention) -> None:
        self._database = database
        self._retention = retention

    async def prune(self, excess: Excess, now: datetime) -> int:
        """Prunes up to USERS_PER_ROUND users whose log is over this limit; returns how many.

        Raises DatabaseUnavailable; of one user only after the others have been pruned.
        """
        async with self._database.lookup() as connection:
            over = (await connection.execute(self._over_limit(excess, now).limit(USERS_PER_ROUND))).scalars().all()
        failures = [failure for user_id in over if (failure := await self._prune_user(user_id, now))]
        if failures:
            raise failures[0]
        return len(over)

    def _over_limit(self, excess: Excess, now: datetime) -> Select[Any]:
        length = event_heads.c.last_id - event_heads.c.pruned_to
        if excess is Excess.AGE:
            return select(events.c.user_id).where(events.c.created_at < now - self._retention.age).distinct()
        if excess is Excess.COUNT:
            return select(event_heads.c.user_id).where(length > self._retention.most_events)
        return (
            select(events.c.user_id)
            .join(event_heads, event_heads.c.user_id == events.c.user_id)
            .where(length > FEWEST_LARGE_EVENTS)
            .group_by(events.c.user_id)
            .having(func.sum(func.length(events.c.body)) > self._retention.most_bytes)
        )

    async def _prune_user(self, user_id: str, now: datetime) -> DatabaseUnavailable | None:
        try:
            while await self._prune_batch(user_id, now):
                pass
        except DatabaseUnavailable as failure:
            return failure
        return None

    async def _prune_batch(self, user_id: str, now: datetime) -> bool:
        """One transaction; True when there is more to prune."""
        async with self._database.writing() as connection:
            lock = update(event_heads).where(event_heads.c.user_id == user_id)
            head = (
                await connection.execute(lock.values(last_id=event_heads.c.last_id).returning(event_heads))
            ).one_or_none()
            if head is None:
                return False
            limit: int = await self._prune_to(connection, user_id, head.last_id, now)
            upto: int = min(limit, head.pruned_to + EVENTS_PER_BATCH)
            if upto <= head.pruned_to:
                return False
            await connection.execute(delete(events).where(events.c.user_id == user_id, events.c.id <= upto))
            await connection.execute(lock.values(pruned_to=upto))
            return upto < limit

    async def _prune_to(self, connection: Connection, user_id: str, last_id: int, now: datetime) -> int:
        """The last id that may go: the furthest that any of the three limits asks for."""
        mine = events.c.user_id == user_id
        old: ColumnElement[int] = coalesce(func.max(events.c.id), 0)
        too_old = select(old).where(mine, events.c.created_at < now - self._retention.age)
        running = func.sum(func.length(events.c.body)).over(order_by=events.c.id.desc()).label("running")
        sizes = select(events.c.id, running).where(mine).subquery()
        too_large = select(coalesce(func.max(sizes.c.id), 0)).where(sizes.c.running > self._retention.most_bytes)
        by_age: int = (await connection.execute(too_old)).scalar_one()
        by_size: int = (await connection.execute(too_large)).scalar_one()
        return max(by_age, by_size, last_id - self._retention.most_events)

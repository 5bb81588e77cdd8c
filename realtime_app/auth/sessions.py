"""Login sessions as authentication sees them: looked up by the token's `sid`. Starting and ending them: services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Select, cast, delete, null, select

from realtime_app.store.engine import Connection
from realtime_app.store.id_list import id_list
from realtime_app.store.models import Instant, sessions

PURGE_BATCH = 500
"""Sessions deleted in one statement: it holds locks while it runs."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """`expires_at` is the newest token's; `public_id` is what lists and events show in place of `id`."""

    id: str
    public_id: str
    user_id: str
    name: str
    last_used_at: datetime
    expires_at: datetime

    def holds(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """How long a token counts, and for how long a session can be kept alive by refreshing it."""

    lifetime: timedelta
    max_age: timedelta

    def expiry(self, created_at: datetime, now: datetime) -> datetime:
        """When a token given now expires: in whole seconds, as tokens have it."""
        return min(now + self.lifetime, created_at + self.max_age).replace(microsecond=0)


_RECORD = select(
    sessions.c.id,
    sessions.c.public_id,
    sessions.c.user_id,
    sessions.c.name,
    sessions.c.last_used_at,
    sessions.c.expires_at,
)


async def load_sessions(connection: Connection, ids: Sequence[str]) -> dict[str, SessionRecord]:
    """Those that exist, by id."""
    asked = id_list(connection, ids)
    rows = await connection.execute(_RECORD.where(sessions.c.id.in_(select(asked.c.id))))
    return {row.id: SessionRecord(*row) for row in rows}


def holding_sessions(ids: Select[Any], now: datetime) -> Select[Any]:
    """Of these ids, those of sessions that hold; a session may do everything, and its tokens expire by themselves."""
    return select(sessions.c.id, cast(null(), JSON).label("scopes"), cast(null(), Instant).label("expires_at")).where(
        sessions.c.id.in_(ids), sessions.c.expires_at > now
    )


async def purge_expired(connection: Connection, now: datetime, *, batch_size: int = PURGE_BATCH) -> int:
    """Deletes a batch of the sessions whose last token has expired, and says how many they were."""
    # Rows that somebody else holds are left out: waiting could deadlock with those who end sessions.
    free = select(sessions.c.id).where(sessions.c.expires_at <= now).limit(batch_size).with_for_update(skip_locked=True)
    return (await connection.execute(delete(sessions).where(sessions.c.id.in_(free)))).rowcount

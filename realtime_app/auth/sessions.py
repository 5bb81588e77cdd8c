"""Login sessions as authentication sees them: looked up by the token's `sid`. Starting and ending them: services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from realtime_app.store.engine import Connection
from realtime_app.store.models import sessions


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
    rows = await connection.execute(_RECORD.where(sessions.c.id.in_(ids)))
    return {row.id: SessionRecord(*row) for row in rows}


async def purge_expired(connection: Connection, now: datetime) -> int:
    """Deletes the sessions whose last token has expired, and says how many they were."""
    return (await connection.execute(delete(sessions).where(sessions.c.expires_at <= now))).rowcount

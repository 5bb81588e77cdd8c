"""Login sessions: started, listed, refreshed, ended. A session is ended by deleting its row.

What ends sessions must be announced after the commit: their connections are open still.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from realtime_app.auth.sessions import SessionTerms
from realtime_app.auth.tokens import Claims
from realtime_app.errors import NotFound, SessionEnded, TokenExpired
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.sessions import session_json
from realtime_app.store.engine import Connection
from realtime_app.store.models import sessions

MAX_SESSIONS = 200
"""Of one user. A login beyond ends the session that was used least recently: a script may log in for each call."""


async def start_session(connection: Connection, user_id: str, name: str, expires_at: datetime, now: datetime) -> Claims:
    """What the session's first token says."""
    session_id = str(uuid4())
    session = {
        "id": session_id,
        "public_id": str(uuid4()),
        "user_id": user_id,
        "name": name,
        "created_at": now,
        "last_used_at": now,
        "expires_at": expires_at,
    }
    await connection.execute(insert(sessions).values(session))
    return Claims(user_id, session_id, now, expires_at)


async def list_sessions(
    connection: Connection, user_id: str, current_session_id: str, now: datetime
) -> list[JsonObject]:
    """Those that could still be used, the last used first."""
    statement = (
        select(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.expires_at > now)
        .order_by(sessions.c.last_used_at.desc(), sessions.c.created_at.desc(), sessions.c.id)
    )
    rows = await connection.execute(statement)
    return [session_json(row, is_current=row.id == current_session_id) for row in rows]


async def extend_session(
    connection: Connection, user_id: str, session_id: str, terms: SessionTerms, now: datetime
) -> Claims:
    """What the session's next token says. Raises SessionEnded, and TokenExpired at the end of its longest life."""
    row = sessions.c
    is_this = and_(row.id == session_id, row.user_id == user_id)
    locked = await connection.execute(select(row.created_at, row.expires_at).where(is_this).with_for_update())
    session = locked.one_or_none()
    if session is None:
        raise SessionEnded
    expires_at = terms.expiry(session.created_at, now)
    if expires_at <= now:
        raise TokenExpired
    # An older token stays good until its own expiry, also where the lifetime was shortened since.
    newest = max(expires_at, session.expires_at)
    await connection.execute(update(sessions).where(is_this).values(expires_at=newest, last_used_at=now))
    return Claims(user_id, session_id, now, expires_at)


async def end_session(connection: Connection, user_id: str, public_id: str) -> None:
    """Raises NotFound."""
    if not await _end(connection, sessions.c.user_id == user_id, sessions.c.public_id == public_id):
        raise NotFound("Session")


async def log_out(connection: Connection, user_id: str, session_id: str) -> None:
    """Ends the caller's own session; that it is gone already is no failure."""
    await _end(connection, sessions.c.user_id == user_id, sessions.c.id == session_id)


async def end_other_sessions(connection: Connection, user_id: str, kept_session_id: str | None) -> int:
    """All of the user's but the kept one, or all when None is kept; how many they were."""
    others = [sessions.c.user_id == user_id]
    if kept_session_id is not None:
        others.append(sessions.c.id != kept_session_id)
    return await _end(connection, *others)


async def end_surplus_sessions(connection: Connection, user_id: str) -> int:
    """The least recently used beyond MAX_SESSIONS; how many they were."""
    by_last_use = (
        select(sessions.c.id)
        .where(sessions.c.user_id == user_id)
        .order_by(sessions.c.last_used_at.desc(), sessions.c.created_at.desc(), sessions.c.id)
        .offset(MAX_SESSIONS)
    )
    return await _end(connection, sessions.c.id.in_(by_last_use))


async def _end(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    """How many."""
    return (await connection.execute(delete(sessions).where(*conditions))).rowcount

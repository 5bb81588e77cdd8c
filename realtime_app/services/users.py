"""The user's own row: made, read, changed, deleted. Whoever calls has checked the password where one is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CursorResult, Row, delete, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from realtime_app.core.changes import changed_fields
from realtime_app.core.events import EventType, UserUpdatedPayload
from realtime_app.errors import AccountGone, Conflict
from realtime_app.schemas.users import ProfileBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.users import USER_COLUMNS, user_json
from realtime_app.services.sessions import end_other_sessions
from realtime_app.store.engine import Connection
from realtime_app.store.models import event_epochs, event_heads, users
from realtime_app.store.unit_of_work import UnitOfWork

FIRST_PREFERENCES = {"themeMode": "system", "colorTheme": "default", "fontFamily": "geist"}
"""What preferences always hold once any of them is set."""


async def create_user(
    connection: Connection, email: str, password_hash: str, name: str | None, now: datetime
) -> JsonObject:
    """`email` is trimmed and in lower case. Raises Conflict when it is taken."""
    user_id = str(uuid4())
    user = {
        "id": user_id,
        "email": email,
        "password_hash": password_hash,
        "name": name,
        "created_at": now,
        "updated_at": now,
    }
    try:
        created = await connection.execute(insert(users).values(user).returning(*USER_COLUMNS))
    except IntegrityError:
        raise Conflict("An account with this email address exists already") from None
    await _create_event_head(connection, user_id)
    return user_json(created.one())


async def get_user(connection: Connection, user_id: str) -> JsonObject:
    """Raises AccountGone."""
    return user_json(_found(await connection.execute(select(*USER_COLUMNS).where(users.c.id == user_id))))


async def update_profile(unit: UnitOfWork, body: ProfileBody) -> JsonObject:
    """The profile as it now is; preferences are merged key by key."""
    before = await get_user(unit.connection, unit.user_id)
    columns = body.changes()
    if "preferences" in body.model_fields_set:
        columns["preferences"] = FIRST_PREFERENCES | (before["preferences"] or {}) | body.preferences.changes()
    after = await _write_profile(unit, columns)
    if fields := changed_fields(before, after):
        payload: UserUpdatedPayload = {"fields": fields}
        if "preferences" in fields:
            payload["preferences"] = after["preferences"]
        unit.record(EventType.USER_UPDATED, payload)
        return after
    return before


async def set_password(
    connection: Connection, user_id: str, password_hash: str, *, keep_session_id: str | None = None
) -> int:
    """Ends all the user's sessions but the kept one; returns how many they were. Raises AccountGone."""
    statement = update(users).where(users.c.id == user_id).values(password_hash=password_hash)
    _found(await connection.execute(statement.returning(users.c.id)))
    return await end_other_sessions(connection, user_id, keep_session_id)


async def delete_user(connection: Connection, user_id: str) -> None:
    """With all that the user has. Raises AccountGone."""
    # The lock that all the user's writes take first: none of them is cut off in its middle, or deadlocks with this.
    head = update(event_heads).where(event_heads.c.user_id == user_id).values(last_id=event_heads.c.last_id)
    await connection.execute(head)
    _found(await connection.execute(delete(users).where(users.c.id == user_id).returning(users.c.id)))


async def _create_event_head(connection: Connection, user_id: str) -> None:
    # The share lock holds off a change of the epoch until this head can be seen by it.
    epoch = select(
        literal(user_id, event_heads.c.user_id.type), literal(0), literal(0), event_epochs.c.epoch
    ).with_for_update(read=True)
    columns = ["user_id", "last_id", "pruned_to", "epoch"]
    await connection.execute(insert(event_heads).from_select(columns, epoch))


async def _write_profile(unit: UnitOfWork, columns: dict[str, Any]) -> JsonObject:
    statement = update(users).where(users.c.id == unit.user_id).values(**columns, updated_at=unit.now)
    return user_json(_found(await unit.execute(statement.returning(*USER_COLUMNS))))


def _found(result: CursorResult[Any]) -> Row[Any]:
    row = result.one_or_none()
    if row is None:
        raise AccountGone
    return row

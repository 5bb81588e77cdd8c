"""API keys: made, listed, changed, deleted. After a change or the end of one its holders must be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select, update

from realtime_app.auth.api_keys import PREFIX_LENGTH, hash_key, holding_keys, new_key
from realtime_app.errors import AccountGone, Conflict, NotFound, ValidationFailed
from realtime_app.schemas.api_keys import KeyBody, KeyChangesBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.api_keys import KEY_COLUMNS, key_json
from realtime_app.store.engine import Connection
from realtime_app.store.models import api_keys, users

MAX_KEYS = 100
"""Of one user."""

_LAST_MOMENT = time(23, 59, 59, 999_000, fold=1)


async def list_keys(connection: Connection, user_id: str) -> list[JsonObject]:
    """The newest first."""
    newest_first = (api_keys.c.created_at.desc(), api_keys.c.id)
    rows = await connection.execute(select(*KEY_COLUMNS).where(api_keys.c.user_id == user_id).order_by(*newest_first))
    return [key_json(row) for row in rows]


async def get_key(connection: Connection, user_id: str, key_id: str) -> JsonObject:
    """Raises NotFound."""
    found = await connection.execute(select(*KEY_COLUMNS).where(_is_own(user_id, key_id)))
    return key_json(_found(found.one_or_none()))


async def create_key(connection: Connection, user_id: str, body: KeyBody, now: datetime) -> JsonObject:
    """`{apiKey, key}`: the key's text can't be had again. Raises Conflict when the user has MAX_KEYS."""
    timezone = await _hold_user(connection, user_id)
    await _refuse_too_many(connection, user_id)
    key = new_key()
    row = {
        "id": str(uuid4()),
        "user_id": user_id,
        "name": body.name,
        "key_hash": hash_key(key),
        "key_prefix": key[:PREFIX_LENGTH],
        "scopes": body.scopes,
        "is_active": True,
        "expires_at": _expiry(body.expires_at, timezone),
        "created_at": now,
        "updated_at": now,
    }
    created = await connection.execute(insert(api_keys).values(row).returning(*KEY_COLUMNS))
    return {"apiKey": key_json(created.one()), "key": key}


async def change_key(
    connection: Connection, user_id: str, key_id: str, body: KeyChangesBody, now: datetime
) -> JsonObject:
    """Raises NotFound."""
    changes = body.changes()
    if "expires_at" in changes:
        changes["expires_at"] = _expiry(changes["expires_at"], await _hold_user(connection, user_id))
    own = _is_own(user_id, key_id)
    before = _found((await connection.execute(select(*KEY_COLUMNS).where(own).with_for_update())).one_or_none())
    changes = {name: value for name, value in changes.items() if before._mapping[name] != value}
    if not changes:
        return key_json(before)
    statement = update(api_keys).where(own).values(**changes, updated_at=now).returning(*KEY_COLUMNS)
    return key_json((await connection.execute(statement)).one())


async def delete_key(connection: Connection, user_id: str, key_id: str) -> None:
    """Raises NotFound."""
    deleted = await connection.execute(delete(api_keys).where(_is_own(user_id, key_id)).returning(api_keys.c.id))
    _found(deleted.one_or_none())


async def deactivate_keys(connection: Connection, user_id: str, now: datetime) -> int:
    """Returns how many of the user's keys were active."""
    active = and_(api_keys.c.user_id == user_id, api_keys.c.is_active)
    return (await connection.execute(update(api_keys).where(active).values(is_active=False, updated_at=now))).rowcount


async def count_holding_keys(connection: Connection, user_id: str, now: datetime) -> int:
    own = select(api_keys.c.id).where(api_keys.c.user_id == user_id)
    counted = select(func.count()).select_from(holding_keys(own, now).subquery())
    count: int = (await connection.execute(counted)).scalar_one()
    return count


def _is_own(user_id: str, key_id: str) -> ColumnElement[bool]:
    return and_(api_keys.c.user_id == user_id, api_keys.c.id == key_id)


def _found(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NotFound("API key")
    return row


async def _hold_user(connection: Connection, user_id: str) -> ZoneInfo:
    """The user's time zone; until the commit nobody else changes it, or this user's number of keys."""
    held = await connection.execute(
        select(users.c.timezone).where(users.c.id == user_id).with_for_update(key_share=True)
    )
    timezone = held.scalar_one_or_none()
    if timezone is None:
        raise AccountGone
    return ZoneInfo(timezone)


async def _refuse_too_many(connection: Connection, user_id: str) -> None:
    count = select(func.count()).select_from(api_keys).where(api_keys.c.user_id == user_id)
    if (await connection.execute(count)).scalar_one() >= MAX_KEYS:
        raise Conflict(f"You have {MAX_KEYS} API keys, which is the limit; delete one that you no longer need")


def _expiry(asked: date | datetime | None, timezone: ZoneInfo) -> datetime | None:
    """A plain date means the end of that day."""
    if asked is None or isinstance(asked, datetime):
        return asked
    try:
        return datetime.combine(asked, _LAST_MOMENT, timezone).astimezone(UTC)
    except OverflowError:
        raise ValidationFailed({"expiresAt": ["is too far away"]}) from None

"""What tests of authentication build: parts with cheap parameters, and rows as they would have come about."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from argon2 import PasswordHasher
from sqlalchemy import insert

from realtime_app.auth.api_keys import PREFIX_LENGTH, hash_key, new_key
from realtime_app.auth.tokens import Claims, TokenCodec
from realtime_app.services.sessions import start_session
from realtime_app.store.engine import Database
from realtime_app.store.models import api_keys

SECRET = "a secret of at least thirty-two bytes"
LIFETIME = timedelta(days=7)


def cheap_hasher() -> PasswordHasher:
    """Argon2 at its smallest: for tests only."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def token_codec(secret: str = SECRET, previous: str | None = None) -> TokenCodec:
    return TokenCodec(secret, previous, LIFETIME)


async def log_in(database: Database, user_id: str, now: datetime, *, name: str = "Firefox on Linux") -> Claims:
    """A session of the user, and what its first token says."""
    async with database.writing() as connection:
        return await start_session(connection, user_id, name, now + LIFETIME, now)


async def make_key(
    database: Database,
    user_id: str,
    now: datetime,
    *,
    scopes: tuple[str, ...] = ("tasks:read",),
    is_active: bool = True,
    expires_at: datetime | None = None,
) -> tuple[str, str]:
    """An API key: its id and its text."""
    key_id, key = str(uuid4()), new_key()
    row = {
        "id": key_id,
        "user_id": user_id,
        "name": "Agent",
        "key_hash": hash_key(key),
        "key_prefix": key[:PREFIX_LENGTH],
        "scopes": scopes,
        "is_active": is_active,
        "expires_at": expires_at,
        "created_at": now,
        "updated_at": now,
    }
    async with database.writing() as connection:
        await connection.execute(insert(api_keys).values(row))
    return key_id, key

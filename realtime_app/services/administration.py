"""What an administrator does from the command line: accounts by their email address, without their passwords.

Running processes find ended sessions by themselves within seconds; who calls may tell them sooner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from realtime_app.auth.passwords import Passwords
from realtime_app.errors import NotFound
from realtime_app.schemas.api_keys import KeyBody
from realtime_app.schemas.fields import Body, parse
from realtime_app.schemas.users import Email, NewPassword, RegisterBody
from realtime_app.services.api_keys import count_holding_keys, create_key, deactivate_keys
from realtime_app.services.representations import JsonObject
from realtime_app.services.users import create_user, set_password
from realtime_app.store.engine import Connection, Database
from realtime_app.store.models import users


class PasswordReset(Body):
    email: Email
    password: NewPassword


@dataclass(frozen=True, slots=True)
class Reset:
    """What became of the user's credentials besides the password."""

    user_id: str
    sessions_ended: int
    keys_deactivated: int
    keys_holding: int


async def add_user(
    database: Database, passwords: Passwords, *, email: str, password: str, name: str | None, now: datetime
) -> JsonObject:
    """The new user. Raises ValidationFailed, and Conflict for an email that is taken."""
    body = parse(RegisterBody, {"email": email, "password": password, "name": name})
    password_hash = await passwords.hash(body.password)
    async with database.writing() as connection:
        return await create_user(connection, body.email, password_hash, body.name, now)


async def add_api_key(database: Database, *, email: str, fields: dict[str, Any], now: datetime) -> JsonObject:
    """`{apiKey, key}` from the fields of POST /api-keys. Raises ValidationFailed, NotFound, Conflict."""
    body = parse(KeyBody, fields)
    async with database.writing() as connection:
        return await create_key(connection, await _user_id(connection, email), body, now)


async def reset_password(
    database: Database, passwords: Passwords, *, email: str, password: str, deactivates_keys: bool, now: datetime
) -> Reset:
    """Ends all sessions and, if asked to, all API keys. Raises ValidationFailed, NotFound."""
    body = parse(PasswordReset, {"email": email, "password": password})
    password_hash = await passwords.hash(body.password)
    async with database.writing() as connection:
        user_id = await _user_id(connection, body.email)
        ended = await set_password(connection, user_id, password_hash)
        deactivated = await deactivate_keys(connection, user_id, now) if deactivates_keys else 0
        return Reset(user_id, ended, deactivated, await count_holding_keys(connection, user_id, now))


async def _user_id(connection: Connection, email: str) -> str:
    found = await connection.execute(select(users.c.id).where(users.c.email == email.strip().lower()))
    user_id: str | None = found.scalar_one_or_none()
    if user_id is None:
        raise NotFound("User")
    return user_id

"""What asks for a password: registering, logging in, changing it, deleting the account.

Hashing takes long, so it comes before the transaction, which then makes sure that the hash still counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update

from realtime_app.auth.passwords import Passwords
from realtime_app.auth.sessions import SessionTerms
from realtime_app.auth.tokens import TokenCodec
from realtime_app.core.times import whole_milliseconds
from realtime_app.errors import AccountGone, LoginFailed, RegistrationClosed, ValidationFailed
from realtime_app.schemas.users import LoginBody, PasswordChangeBody, RegisterBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.users import USER_COLUMNS, user_json
from realtime_app.services.sessions import end_surplus_sessions, extend_session, start_session
from realtime_app.services.users import create_user, delete_user, get_user, set_password
from realtime_app.store.engine import Connection, Database
from realtime_app.store.models import users

LOGIN_ATTEMPTS = 3
"""How often a login is tried whose password hash was replaced by another login at the same moment."""


@dataclass(frozen=True, slots=True)
class StoredPassword:
    user_id: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Login:
    """`has_ended_others`: older sessions had to give way to this one, which is to be announced."""

    user: JsonObject
    token: str
    has_ended_others: bool = False


class Accounts:
    """Each method is one transaction of its own. All raise DatabaseUnavailable, and Unavailable for a flood."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        tokens: TokenCodec,
        *,
        session_max_age: timedelta,
        registration_is_open: bool,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._terms = SessionTerms(tokens.lifetime, session_max_age)
        self._registration_is_open = registration_is_open
        self._clock = clock

    async def register(self, body: RegisterBody, session_name: str) -> Login:
        """Raises RegistrationClosed, and Conflict for an email that is taken."""
        if not self._registration_is_open:
            raise RegistrationClosed
        password_hash = await self._passwords.hash(body.password)
        now = self._now()
        async with self._database.writing() as connection:
            user = await create_user(connection, body.email, password_hash, body.name, now)
            return await self._begin(connection, user, session_name, now)

    async def log_in(self, body: LoginBody, session_name: str) -> Login:
        """Raises LoginFailed."""
        for _ in range(LOGIN_ATTEMPTS):
            stored = await self._stored(users.c.email == body.email)
            is_right = await self._passwords.verify(body.password, stored.password_hash if stored else None)
            if stored is None or not is_right:
                raise LoginFailed
            better_hash = await self._better_hash(body.password, stored.password_hash)
            login = await self._log_in(stored, better_hash, session_name)
            if login is not None:
                return login
        raise LoginFailed

    async def refresh(self, user_id: str, session_id: str) -> Login:
        """A new token for the same session. Raises SessionEnded, TokenExpired."""
        now = self._now()
        async with self._database.writing() as connection:
            claims = await extend_session(connection, user_id, session_id, self._terms, now)
            return Login(await get_user(connection, user_id), self._tokens.encode(claims))

    async def change_password(self, user_id: str, session_id: str, body: PasswordChangeBody) -> None:
        """Ends the user's other sessions. Raises ValidationFailed for a wrong current password."""
        stored = await self._verified(user_id, body.current_password, "currentPassword")
        new_hash = await self._passwords.hash(body.new_password)
        async with self._database.writing() as connection:
            if await _hold_user(connection, stored) is None:
                raise _wrong_password("currentPassword")
            await set_password(connection, user_id, new_hash, keep_session_id=session_id)

    async def delete(self, user_id: str, password: str) -> None:
        """With all that the user has. Raises ValidationFailed for a wrong password."""
        await self._verified(user_id, password, "password")
        async with self._database.writing() as connection:
            await delete_user(connection, user_id)

    async def _log_in(self, stored: StoredPassword, better_hash: str | None, session_name: str) -> Login | None:
        """None when the password was changed or hashed anew since `stored` was read."""
        now = self._now()
        async with self._database.writing() as connection:
            user = await _hold_user(connection, stored)
            if user is None:
                return None
            if better_hash is not None:
                await connection.execute(update(users).where(users.c.id == user.id).values(password_hash=better_hash))
            return await self._begin(connection, user_json(user), session_name, now)

    async def _begin(self, connection: Connection, user: JsonObject, session_name: str, now: datetime) -> Login:
        expires_at = self._terms.expiry(now, now)
        claims = await start_session(connection, user["id"], session_name, expires_at, now)
        ended = await end_surplus_sessions(connection, user["id"])
        return Login(user, self._tokens.encode(claims), has_ended_others=ended > 0)

    async def _verified(self, user_id: str, password: str, password_field: str) -> StoredPassword:
        stored = await self._stored(users.c.id == user_id)
        if stored is None:
            raise AccountGone
        if not await self._passwords.verify(password, stored.password_hash):
            raise _wrong_password(password_field)
        return stored

    async def _stored(self, condition: ColumnElement[bool]) -> StoredPassword | None:
        async with self._database.reading() as connection:
            found = await connection.execute(select(users.c.id, users.c.password_hash).where(condition))
            row = found.one_or_none()
        return row and StoredPassword(row.id, row.password_hash)

    async def _better_hash(self, password: str, password_hash: str) -> str | None:
        """Made with today's parameters where the stored one isn't."""
        if not self._passwords.is_outdated(password_hash):
            return None
        return await self._passwords.hash(password)

    def _now(self) -> datetime:
        return whole_milliseconds(self._clock())


async def _hold_user(connection: Connection, stored: StoredPassword) -> Row[Any] | None:
    """Keeps the user's password as it was verified until the commit: so a login can't slip past its change."""
    is_unchanged = (users.c.id == stored.user_id, users.c.password_hash == stored.password_hash)
    held = await connection.execute(select(*USER_COLUMNS).where(*is_unchanged).with_for_update(key_share=True))
    return held.one_or_none()


def _wrong_password(password_field: str) -> ValidationFailed:
    return ValidationFailed({password_field: ["is wrong"]})

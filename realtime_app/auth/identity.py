"""From what a request or a socket presents to who is calling. What the caller may do is up to its scopes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, union_all

from realtime_app.auth.api_keys import KEY_START, KeyRecord, hash_key, holding_keys, is_key, load_keys
from realtime_app.auth.caller import Caller, Standing
from realtime_app.auth.credential_cache import CredentialCache
from realtime_app.auth.last_use import LastUse
from realtime_app.auth.sessions import SessionRecord, holding_sessions, load_sessions
from realtime_app.auth.tokens import Claims, TokenCodec
from realtime_app.auth.verified_tokens import VerifiedTokens
from realtime_app.core.scopes import ALL_SCOPES, Scope
from realtime_app.errors import AuthenticationFailed, CredentialMissing, KeyInvalid, SessionEnded
from realtime_app.store.engine import Database
from realtime_app.store.id_list import id_list
from realtime_app.store.models import api_keys, sessions

SESSION_USE_INTERVAL = timedelta(minutes=5)
KEY_USE_INTERVAL = timedelta(minutes=1)

_MOST = 500


class Authenticator:
    """Checks credentials; an ended one may pass for up to five seconds unless `forget_user` is called.

    All checks raise AuthenticationFailed with a reason for people, and DatabaseUnavailable.
    """

    def __init__(self, database: Database, tokens: TokenCodec, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._tokens = VerifiedTokens(tokens)
        self._clock = clock
        self._sessions = CredentialCache(self._load_sessions)
        self._keys = CredentialCache(self._load_keys)
        self._session_use = LastUse(database, sessions, SESSION_USE_INTERVAL, clock)
        self._key_use = LastUse(database, api_keys, KEY_USE_INTERVAL, clock)

    async def close(self) -> None:
        """Waits for the last uses that are still being written."""
        await self._session_use.close()
        await self._key_use.close()

    async def authenticate(self, authorization: str | None, api_key: str | None) -> Caller:
        """The headers Authorization and X-API-Key. The first alone decides where it is sent: a bad one isn't covered
        up by the second."""
        if authorization:
            return await self._authenticate_bearer(_bearer(authorization))
        if api_key:
            return await self.authenticate_key(api_key)
        raise CredentialMissing

    async def authenticate_token(self, token: str) -> Caller:
        """A JWT, and nothing else."""
        now = self._clock()
        claims = self._tokens.read(token, now)
        record = await self._sessions.find(claims.session_id, now)
        if record is None or record.user_id != claims.user_id or not record.holds(now):
            raise SessionEnded
        return _session_caller(record, claims)

    async def authenticate_key(self, key: str) -> Caller:
        """An API key, and nothing else."""
        if not is_key(key):
            raise KeyInvalid
        now = self._clock()
        record = await self._keys.find(hash_key(key), now)
        if record is None:
            raise KeyInvalid
        if not record.is_active:
            raise KeyInvalid("This API key was deactivated")
        if record.has_expired(now):
            raise KeyInvalid("This API key has expired")
        return _key_caller(record)

    def forget_user(self, user_id: str) -> None:
        """Some session or key of this user has changed: the next check of each reads the database."""
        self._sessions.forget_user(user_id)
        self._keys.forget_user(user_id)

    async def holding(self, credential_ids: Collection[str]) -> Mapping[str, Standing]:
        """Those sessions and keys that still hold; the deleted, deactivated and expired are left out.

        One query for each 500.
        """
        asked = list(credential_ids)
        holding: dict[str, Standing] = {}
        for start in range(0, len(asked), _MOST):
            holding.update(await self._load_holding(asked[start : start + _MOST]))
        return holding

    async def _authenticate_bearer(self, credential: str) -> Caller:
        if credential.startswith(KEY_START):
            return await self.authenticate_key(credential)
        return await self.authenticate_token(credential)

    async def _load_holding(self, ids: Sequence[str]) -> dict[str, Standing]:
        now = self._clock()
        async with self._database.lookup() as connection:
            asked = select(id_list(connection, ids).c.id)
            rows = await connection.execute(union_all(holding_keys(asked, now), holding_sessions(asked, now)))
            return {
                row.id: Standing(
                    ALL_SCOPES if row.scopes is None else frozenset(map(Scope, row.scopes)), row.expires_at
                )
                for row in rows
            }

    async def _load_sessions(self, ids: Sequence[str]) -> Mapping[str, SessionRecord]:
        async with self._database.lookup() as connection:
            records = await load_sessions(connection, ids)
        self._session_use.note(records.values())
        return records

    async def _load_keys(self, hashes: Sequence[str]) -> Mapping[str, KeyRecord]:
        async with self._database.lookup() as connection:
            records = await load_keys(connection, hashes)
        now = self._clock()
        self._key_use.note(record for record in records.values() if record.holds(now))
        return records


def _bearer(authorization: str) -> str:
    scheme, _, credential = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise AuthenticationFailed("Send the Authorization header as: Bearer, a space, then the token")
    return credential.strip()


def _session_caller(record: SessionRecord, claims: Claims) -> Caller:
    return Caller(
        user_id=record.user_id,
        kind="session",
        credential_id=record.id,
        public_id=record.public_id,
        name=record.name,
        scopes=ALL_SCOPES,
        expires_at=claims.expires_at,
    )


def _key_caller(record: KeyRecord) -> Caller:
    return Caller(
        user_id=record.user_id,
        kind="key",
        credential_id=record.id,
        public_id=record.id,
        name=record.name,
        scopes=record.scopes,
        expires_at=record.expires_at,
    )

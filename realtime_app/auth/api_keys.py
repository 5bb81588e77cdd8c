"""API keys as authentication sees them: their text, its hash, and the look-up by it. Managing them: services."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, or_, select

from realtime_app.core.scopes import Scope
from realtime_app.store.engine import Connection
from realtime_app.store.id_list import hash_list
from realtime_app.store.models import api_keys

KEY_START = "os_"
PREFIX_LENGTH = 11
"""Characters of a key that are stored and shown, so that people can tell their keys apart."""

_KEY = re.compile(r"os_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    id: str
    user_id: str
    name: str
    scopes: frozenset[Scope]
    is_active: bool
    last_used_at: datetime | None
    expires_at: datetime | None

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def holds(self, now: datetime) -> bool:
        return self.is_active and not self.has_expired(now)


def new_key() -> str:
    """128 random bits: too many to guess, so a plain hash protects them as well as a slow one."""
    return KEY_START + secrets.token_hex(16)


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def hash_key(key: str) -> str:
    return sha256(key.encode()).hexdigest()


_RECORD = select(
    api_keys.c.id,
    api_keys.c.key_hash,
    api_keys.c.user_id,
    api_keys.c.name,
    api_keys.c.scopes,
    api_keys.c.is_active,
    api_keys.c.last_used_at,
    api_keys.c.expires_at,
)


async def load_keys(connection: Connection, hashes: Sequence[str]) -> dict[str, KeyRecord]:
    """Those that exist, by hash."""
    asked = hash_list(connection, hashes)
    rows = await connection.execute(_RECORD.where(api_keys.c.key_hash.in_(select(asked.c.hash))))
    return {
        row.key_hash: KeyRecord(
            row.id,
            row.user_id,
            row.name,
            frozenset(Scope(scope) for scope in row.scopes),
            row.is_active,
            row.last_used_at,
            row.expires_at,
        )
        for row in rows
    }


def holding_keys(ids: Select[Any], now: datetime) -> Select[Any]:
    """Of these ids, those of keys that hold, with what a Standing needs."""
    not_expired = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
    return select(api_keys.c.id, api_keys.c.scopes, api_keys.c.expires_at).where(
        api_keys.c.id.in_(ids), api_keys.c.is_active, not_expired
    )

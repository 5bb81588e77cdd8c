"""API keys in the wire's shape; the key itself is shown once, by its creation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from realtime_app.core.events import wire_instant
from realtime_app.services.representations import JsonObject
from realtime_app.store.models import api_keys

KEY_COLUMNS = tuple(column for column in api_keys.c if column.name != "key_hash")
"""What a statement must select or return for `key_json`."""


def key_json(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "userId": row.user_id,
        "name": row.name,
        "keyPrefix": row.key_prefix,
        "scopes": row.scopes,
        "lastUsedAt": row.last_used_at and wire_instant(row.last_used_at),
        "expiresAt": row.expires_at and wire_instant(row.expires_at),
        "isActive": row.is_active,
        "createdAt": wire_instant(row.created_at),
        "updatedAt": wire_instant(row.updated_at),
    }

"""Login sessions in the wire's shape."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from realtime_app.core.events import wire_instant
from realtime_app.services.representations import JsonObject


def session_json(row: Row[Any], *, is_current: bool) -> JsonObject:
    """The row's own id is the token's `sid` and stays inside: the wire's `id` is the public one."""
    return {
        "id": row.public_id,
        "name": row.name,
        "createdAt": wire_instant(row.created_at),
        "lastUsedAt": wire_instant(row.last_used_at),
        "expiresAt": wire_instant(row.expires_at),
        "current": is_current,
    }

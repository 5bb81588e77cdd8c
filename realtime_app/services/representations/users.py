"""Users in the wire's shape."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from realtime_app.core.events import wire_instant
from realtime_app.services.representations import JsonObject
from realtime_app.store.models import users

USER_COLUMNS = tuple(column for column in users.c if column.name != "password_hash")
"""What a statement must select or return for `user_json`."""


def user_json(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "avatarUrl": row.avatar_url,
        "timezone": row.timezone,
        "preferences": row.preferences,
        "createdAt": wire_instant(row.created_at),
        "updatedAt": wire_instant(row.updated_at),
    }

"""Subtasks in the wire's shape."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from realtime_app.core.events import wire_instant
from realtime_app.services.representations import JsonObject


def subtask_json(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "taskId": row.task_id,
        "title": row.title,
        "completed": row.completed,
        "position": row.position,
        "createdAt": wire_instant(row.created_at),
        "updatedAt": wire_instant(row.updated_at),
    }

"""Tasks in the wire's shape."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from realtime_app.core.events import wire_instant
from realtime_app.services.representations import JsonObject
from realtime_app.store.models import tasks

TASK_COLUMNS = tuple(column for column in tasks.c if column.name not in ("search_text", "deleted_at"))
"""What a statement must select or return for `task_json`."""


def task_json(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "userId": row.user_id,
        "title": row.title,
        "notes": row.notes,
        "scheduledDate": row.scheduled_date and row.scheduled_date.isoformat(),
        "estimatedMins": row.estimated_mins,
        "actualMins": row.actual_mins,
        "priority": row.priority,
        "completedAt": row.completed_at and wire_instant(row.completed_at),
        "position": row.position,
        "subtasksHidden": row.subtasks_hidden,
        "version": row.version,
        "createdAt": wire_instant(row.created_at),
        "updatedAt": wire_instant(row.updated_at),
    }


def task_json_of(values: Mapping[str, Any]) -> JsonObject:
    """As `task_json`, of values by column that are about to be written."""
    row: Any = SimpleNamespace(**values)
    return task_json(row)


def task_etag(task: JsonObject) -> str:
    return f'"{task["version"]}"'

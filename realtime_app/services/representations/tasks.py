"""Tasks in the wire's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column

from realtime_app.core.events import wire_instant
from realtime_app.services.representations import JsonObject
from realtime_app.store.models import tasks

TASK_COLUMNS: tuple[Column[Any], ...] = (
    tasks.c.id,
    tasks.c.user_id,
    tasks.c.title,
    tasks.c.notes,
    tasks.c.scheduled_date,
    tasks.c.estimated_mins,
    tasks.c.actual_mins,
    tasks.c.priority,
    tasks.c.completed_at,
    tasks.c.position,
    tasks.c.subtasks_hidden,
    tasks.c.version,
    tasks.c.created_at,
    tasks.c.updated_at,
)
"""What a statement must select or return, first of all and in this order, for `task_json`."""


def task_json(row: Sequence[Any]) -> JsonObject:
    # By their places: a list has hundreds of rows, and by its name each field of a row costs four times as much.
    (
        task_id,
        user_id,
        title,
        notes,
        scheduled_date,
        estimated_mins,
        actual_mins,
        priority,
        completed_at,
        position,
        subtasks_hidden,
        version,
        created_at,
        updated_at,
        *_,
    ) = row
    return {
        "id": task_id,
        "userId": user_id,
        "title": title,
        "notes": notes,
        "scheduledDate": scheduled_date and scheduled_date.isoformat(),
        "estimatedMins": estimated_mins,
        "actualMins": actual_mins,
        "priority": priority,
        "completedAt": completed_at and wire_instant(completed_at),
        "position": position,
        "subtasksHidden": subtasks_hidden,
        "version": version,
        "createdAt": wire_instant(created_at),
        "updatedAt": wire_instant(updated_at),
    }


def task_json_of(values: Mapping[str, Any]) -> JsonObject:
    """As `task_json`, of values by column that are about to be written."""
    return task_json([values[column.name] for column in TASK_COLUMNS])


def task_etag(task: JsonObject) -> str:
    return f'"{task["version"]}"'

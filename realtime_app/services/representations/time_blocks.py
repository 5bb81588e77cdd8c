"""Time blocks in the wire's shape, each with its task or null."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from realtime_app.core.events import wire_instant
from realtime_app.core.times import wire_time
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import TASK_COLUMNS, task_json_of
from realtime_app.store.models import time_blocks

TIME_BLOCK_COLUMNS = tuple(column for column in time_blocks.c if column.name not in ("unlinked_task_id", "deleted_at"))
"""What a statement must select or return for `time_block_json`."""

TIME_BLOCK_WITH_TASK_COLUMNS = (*TIME_BLOCK_COLUMNS, *(column.label(f"task__{column.name}") for column in TASK_COLUMNS))
"""What a statement that joins the task must select, first of all, for `time_block_with_task_json`."""


def time_block_json(row: Row[Any], task: JsonObject | None) -> JsonObject:
    return {
        "id": row.id,
        "userId": row.user_id,
        "taskId": row.task_id,
        "title": row.title,
        "description": row.description,
        "date": row.date.isoformat(),
        "startTime": wire_time(row.start_minute),
        "endTime": wire_time(row.end_minute),
        "durationMins": row.end_minute - row.start_minute,
        "color": row.color,
        "position": row.position,
        "version": row.version,
        "createdAt": wire_instant(row.created_at),
        "updatedAt": wire_instant(row.updated_at),
        "task": task,
    }


def time_block_json_of(values: Mapping[str, Any], task: JsonObject | None) -> JsonObject:
    """As `time_block_json`, of values by column that are about to be written."""
    row: Any = SimpleNamespace(**values)
    return time_block_json(row, task)


def time_block_with_task_json(row: Row[Any]) -> JsonObject:
    values = row[len(TIME_BLOCK_COLUMNS) : len(TIME_BLOCK_WITH_TASK_COLUMNS)]
    task = {column.name: value for column, value in zip(TASK_COLUMNS, values, strict=True)}
    return time_block_json(row, None if task["id"] is None else task_json_of(task))


def time_block_etag(block: JsonObject) -> str:
    """`"<version>"`, or `"<version>-<task version>"`: a change of the task changes what the block's answer says."""
    task = block["task"]
    return f'"{block["version"]}"' if task is None else f'"{block["version"]}-{task["version"]}"'

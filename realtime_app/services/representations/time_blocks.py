"""Time blocks in the wire's shape, each with its task or null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column

from realtime_app.core.events import wire_instant
from realtime_app.core.times import wire_time
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.tasks import TASK_COLUMNS, task_json
from realtime_app.store.models import time_blocks

TIME_BLOCK_COLUMNS: tuple[Column[Any], ...] = (
    time_blocks.c.id,
    time_blocks.c.user_id,
    time_blocks.c.task_id,
    time_blocks.c.title,
    time_blocks.c.description,
    time_blocks.c.date,
    time_blocks.c.start_minute,
    time_blocks.c.end_minute,
    time_blocks.c.color,
    time_blocks.c.position,
    time_blocks.c.version,
    time_blocks.c.created_at,
    time_blocks.c.updated_at,
)
"""What a statement must select or return, first of all and in this order, for `time_block_json`."""

TIME_BLOCK_WITH_TASK_COLUMNS = (*TIME_BLOCK_COLUMNS, *(column.label(f"task__{column.name}") for column in TASK_COLUMNS))
"""What a statement that joins the task must select, first of all, for `time_block_with_task_json`."""


def time_block_json(row: Sequence[Any], task: JsonObject | None) -> JsonObject:
    # By their places, as in `task_json`.
    (
        block_id,
        user_id,
        task_id,
        title,
        description,
        day,
        start_minute,
        end_minute,
        color,
        position,
        version,
        created_at,
        updated_at,
        *_,
    ) = row
    return {
        "id": block_id,
        "userId": user_id,
        "taskId": task_id,
        "title": title,
        "description": description,
        "date": day.isoformat(),
        "startTime": wire_time(start_minute),
        "endTime": wire_time(end_minute),
        "durationMins": end_minute - start_minute,
        "color": color,
        "position": position,
        "version": version,
        "createdAt": wire_instant(created_at),
        "updatedAt": wire_instant(updated_at),
        "task": task,
    }


def time_block_json_of(values: Mapping[str, Any], task: JsonObject | None) -> JsonObject:
    """As `time_block_json`, of values by column that are about to be written."""
    return time_block_json([values[column.name] for column in TIME_BLOCK_COLUMNS], task)


def time_block_with_task_json(row: Sequence[Any]) -> JsonObject:
    task = row[len(TIME_BLOCK_COLUMNS) :]
    return time_block_json(row, None if task[0] is None else task_json(task))


def time_block_etag(block: JsonObject) -> str:
    """`"<version>"`, or `"<version>-<task version>"`: a change of the task changes what the block's answer says."""
    task = block["task"]
    return f'"{block["version"]}"' if task is None else f'"{block["version"]}-{task["version"]}"'

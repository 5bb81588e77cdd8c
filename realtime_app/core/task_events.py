"""What the events about tasks say, from tasks in the wire's shape before and after a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realtime_app.core.changes import changed_fields
from realtime_app.core.events import BACKLOG, EventType, MovedTask, TaskPayload, TaskReorderedPayload

MAX_LISTED = 1000
"""Ids in one task:reordered; a longer bucket is truncated."""

Task = Mapping[str, Any]


def task_payload(task: Task) -> TaskPayload:
    """What every event about one task says of it."""
    return {"taskId": task["id"], "scheduledDate": task["scheduledDate"], "version": task["version"]}


def change_of_task(before: Task, after: Task) -> tuple[EventType, TaskPayload]:
    """The event of a change: task:completed when it took completedAt from null to an instant, else task:updated."""
    payload = task_payload(after)
    if before["scheduledDate"] != after["scheduledDate"]:
        payload["previousScheduledDate"] = before["scheduledDate"]
    payload["fields"] = changed_fields(before, after)
    completes = before["completedAt"] is None and after["completedAt"] is not None
    return EventType.TASK_COMPLETED if completes else EventType.TASK_UPDATED, payload


def order_of_tasks(
    scheduled_date: str | None, task_ids: Sequence[str], moved_from: Mapping[str, str | None]
) -> TaskReorderedPayload:
    """The payload of task:reordered. `moved_from` gives the former date of each task that came from elsewhere."""
    payload: TaskReorderedPayload = {"date": scheduled_date or BACKLOG, "taskIds": list(task_ids[:MAX_LISTED])}
    if len(task_ids) > MAX_LISTED:
        payload["truncated"] = True
    if moved_from:
        payload["moved"] = [MovedTask(taskId=task_id, previousScheduledDate=day) for task_id, day in moved_from.items()]
    return payload

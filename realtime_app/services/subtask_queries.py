"""Reading subtasks: always whole lists, by position, then oldest."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from realtime_app.errors import NotFound
from realtime_app.schemas.subtasks import SubtaskBatchBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.representations.subtasks import subtask_json
from realtime_app.store.engine import Connection
from realtime_app.store.id_list import id_list
from realtime_app.store.models import subtasks, tasks

IN_TASK = (subtasks.c.position, subtasks.c.created_at, subtasks.c.id)
"""The order of the subtasks of one task."""


async def list_subtasks(connection: Connection, user_id: str, task_id: str) -> list[JsonObject]:
    """Raises NotFound."""
    # The outer join tells a task without subtasks from no task at all in one statement.
    statement = (
        select(*subtasks.c)
        .select_from(tasks.outerjoin(subtasks))
        .where(tasks.c.id == task_id, tasks.c.user_id == user_id, tasks.c.deleted_at.is_(None))
        .order_by(*IN_TASK)
    )
    rows = (await connection.execute(statement)).all()
    if not rows:
        raise NotFound("Task")
    return [subtask_json(row) for row in rows if row.id is not None]


async def subtasks_by_task(
    connection: Connection, user_id: str, task_ids: Sequence[str]
) -> dict[str, list[JsonObject]]:
    """A list for every id, empty for unknown, deleted and other users' tasks."""
    asked = id_list(connection, task_ids)
    statement = (
        select(*subtasks.c)
        .join(tasks)
        .where(tasks.c.id.in_(select(asked.c.id)), tasks.c.user_id == user_id, tasks.c.deleted_at.is_(None))
        .order_by(*IN_TASK)
    )
    found: dict[str, list[JsonObject]] = {task_id: [] for task_id in task_ids}
    for row in await connection.execute(statement):
        found[row.task_id].append(subtask_json(row))
    return found


async def list_subtasks_of_many(
    connection: Connection, user_id: str, body: SubtaskBatchBody
) -> dict[str, list[JsonObject]]:
    """`subtasks_by_task` under the ids as the client spelled them."""
    canonical = {spelled: spelled.lower() for spelled in body.task_ids}
    found = await subtasks_by_task(connection, user_id, list(canonical.values()))
    return {spelled: found[task_id] for spelled, task_id in canonical.items()}

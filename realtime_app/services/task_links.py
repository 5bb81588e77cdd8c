"""Linking time blocks to a task, which takes a bounded number of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Row, func, select

from realtime_app.errors import Conflict, NotFound
from realtime_app.services.representations.tasks import TASK_COLUMNS
from realtime_app.services.task_queries import living
from realtime_app.store.models import tasks, time_blocks, users
from realtime_app.store.unit_of_work import UnitOfWork

MAX_BLOCKS = 1000
"""Time blocks of one task, those deleted of late too: a restore of the task names them all in one event."""


async def find_task_to_link(unit: UnitOfWork, task_id: str, *of_owner: Column[Any]) -> Row[Any]:
    """The task and, of the user whose it is, the columns asked for. Raises NotFound, and Conflict at MAX_BLOCKS."""
    owned = tasks.join(users, users.c.id == tasks.c.user_id)
    statement = select(*TASK_COLUMNS, _count(task_id), *of_owner).select_from(owned)
    task = (await unit.execute(statement.where(living(unit.user_id), tasks.c.id == task_id))).one_or_none()
    if task is None:
        raise NotFound("Task")
    if task.count_of_blocks >= MAX_BLOCKS:
        raise Conflict(
            f"A task holds at most {MAX_BLOCKS} time blocks, those deleted in the last 7 days included; "
            "take some out of it first"
        )
    return task


def _count(task_id: str) -> ColumnElement[int]:
    counted = select(func.count()).select_from(time_blocks).where(time_blocks.c.task_id == task_id)
    return counted.scalar_subquery().label("count_of_blocks")

"""Bodies and queries of the task routes. The fields' names are those of the table's columns."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from realtime_app.core.events import BACKLOG
from realtime_app.schemas.fields import (
    ABSENT,
    Body,
    ChangesBody,
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    PageQuery,
    Query,
    Text,
)

Title = Annotated[Text, Field(min_length=1, max_length=500)]
Notes = Annotated[Text, Field(max_length=20_000)]
EstimatedMins = Annotated[Count, Field(ge=1, le=480)]
Priority = Literal["P0", "P1", "P2", "P3"]


def _bucket(value: object, as_day: ValidatorFunctionWrapHandler) -> date | None:
    if value is None:
        raise PydanticCustomError("bucket", 'must be a date like 2026-11-23 or "backlog"')
    day: date | None = None if value == BACKLOG else as_day(value)
    return day


def _refuse_repeats(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("repeated", "must not name an id twice")
    return ids


Bucket = Annotated[Day | None, WrapValidator(_bucket)]
"""A day, or None for `"backlog"`."""
IdsInOrder = Annotated[list[Identifier], Field(min_length=1, max_length=1000), AfterValidator(_refuse_repeats)]


class TaskBody(Body):
    """POST /tasks. Without a position (or with null) the task goes to the end of its bucket."""

    title: Title
    notes: Notes | None = None
    scheduled_date: Day | None = None
    estimated_mins: EstimatedMins | None = None
    priority: Priority = "P2"
    position: Count | None = None


class TaskChangesBody(ChangesBody):
    """PATCH /tasks/{id}."""

    title: Title = ABSENT
    notes: Notes | None = None
    scheduled_date: Day | None = None
    estimated_mins: EstimatedMins | None = None
    actual_mins: Count = ABSENT
    priority: Priority = ABSENT
    completed_at: Instant | None = None
    position: Count = ABSENT
    subtasks_hidden: StrictBool = ABSENT


class TaskOrderBody(Body):
    """POST /tasks/reorder."""

    date: Bucket
    task_ids: IdsInOrder


class TaskQuery(Query):
    """GET /tasks/{id}."""

    include_subtasks: Flag = False


class TaskListQuery(PageQuery, TaskQuery):
    """GET /tasks. The filters combine with AND; `from` and `to` are inclusive."""

    date: Day | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    completed: Flag | None = None
    backlog: Flag | None = None
    priority: Priority | None = None
    search: Annotated[Text, Field(max_length=500)] = ""
    sort_by: Literal["position", "priority", "createdAt"] = "position"

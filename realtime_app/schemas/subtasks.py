"""Bodies of the subtask routes. The fields' names are those of the table's columns."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from realtime_app.schemas.fields import ABSENT, Body, ChangesBody, Count, Identifier
from realtime_app.schemas.tasks import IdsInOrder, Title


def _as_spelled(value: object, check: ValidatorFunctionWrapHandler) -> str:
    check(value)
    return str(value)


def _each_in_one_spelling(ids: list[str]) -> list[str]:
    if len({spelled.lower() for spelled in ids}) < len(set(ids)):
        raise PydanticCustomError("respelled", "must not spell an id in two ways")
    return ids


SpelledIdentifier = Annotated[Identifier, WrapValidator(_as_spelled)]
"""A valid id that keeps the client's spelling."""


class SubtaskBody(Body):
    """POST /tasks/{id}/subtasks. Without a position (or with null) the subtask goes to the end."""

    title: Title
    position: Count | None = None


class SubtaskChangesBody(ChangesBody):
    """PATCH /tasks/{id}/subtasks/{sid}."""

    title: Title = ABSENT
    completed: StrictBool = ABSENT
    position: Count = ABSENT


class SubtaskOrderBody(Body):
    """POST /tasks/{id}/subtasks/reorder."""

    subtask_ids: IdsInOrder


class SubtaskBatchBody(Body):
    """POST /tasks/subtasks-batch. The ids as the client spelled them, since they are the keys of the answer."""

    task_ids: Annotated[list[SpelledIdentifier], Field(max_length=500), AfterValidator(_each_in_one_spelling)]

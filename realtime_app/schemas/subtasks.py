"""Bodies of the subtask routes. The fields' names are those of the table's columns."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from realtime_app.schemas.fields import ABSENT, Body, ChangesBody, Count, Identifier
from realtime_app.schemas.tasks import IdsInOrder, Title

MAX_SPELLINGS = 2
"""Of one id in a batch: in small letters and in capitals."""


def _as_spelled(value: object, check: ValidatorFunctionWrapHandler) -> str:
    check(value)
    return str(value)


def _refuse_many_spellings(ids: list[str]) -> list[str]:
    """Each spelling is a key of the answer, with the whole list again: in 500 ways one task would fill the memory."""
    spellings = Counter(spelled.lower() for spelled in set(ids))
    if max(spellings.values(), default=0) > MAX_SPELLINGS:
        raise PydanticCustomError("respelled", f"must not spell an id in more than {MAX_SPELLINGS} ways")
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

    task_ids: Annotated[list[SpelledIdentifier], Field(max_length=500), AfterValidator(_refuse_many_spellings)]

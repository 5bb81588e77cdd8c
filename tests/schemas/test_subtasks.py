from __future__ import annotations

from typing import Any

import pytest

from realtime_app.errors import ValidationFailed
from realtime_app.schemas.fields import Body, parse
from realtime_app.schemas.subtasks import SubtaskBatchBody, SubtaskBody, SubtaskChangesBody, SubtaskOrderBody

ID = "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01"


@pytest.mark.parametrize(
    ("model", "fields", "errors"),
    [
        (SubtaskBody, {}, {"title": ["is required"]}),
        (SubtaskBody, {"title": "", "position": -1}, {"title": ["must not be empty"], "position": ["at least 0"]}),
        (SubtaskBody, {"title": "a" * 501}, {"title": ["at most 500 characters"]}),
        (SubtaskChangesBody, {"title": None}, {"title": ["must be text"]}),
        (SubtaskChangesBody, {"completed": None}, {"completed": ["must be true or false"]}),
        (SubtaskChangesBody, {"completed": 1}, {"completed": ["must be true or false"]}),
        (SubtaskChangesBody, {"position": None}, {"position": ["must be a whole number"]}),
        (SubtaskOrderBody, {"subtaskIds": []}, {"subtaskIds": ["at least 1 items"]}),
        (SubtaskOrderBody, {"subtaskIds": [ID, ID]}, {"subtaskIds": ["must not name an id twice"]}),
        (SubtaskBatchBody, {}, {"taskIds": ["is required"]}),
        (SubtaskBatchBody, {"taskIds": [ID] * 501}, {"taskIds": ["at most 500 items"]}),
        (
            SubtaskBatchBody,
            {"taskIds": [ID, ID.upper(), ID.capitalize(), ID.replace("f", "F")]},
            {"taskIds": ["must not spell an id in more than 2 ways"]},
        ),
        (
            SubtaskBatchBody,
            {"taskIds": [ID, "a", None]},
            {"taskIds.1": ["must be a UUID"], "taskIds.2": ["must be a UUID"]},
        ),
    ],
)
def test_a_wrong_field_is_named_with_its_reason(
    model: type[Body], fields: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    with pytest.raises(ValidationFailed) as failed:
        parse(model, fields)

    assert failed.value.errors == errors


def test_a_change_holds_what_was_sent_and_nothing_else() -> None:
    assert parse(SubtaskChangesBody, {"completed": False, "unknown": 1}).changes() == {"completed": False}


def test_a_batch_keeps_the_clients_spelling() -> None:
    assert parse(SubtaskBatchBody, {"taskIds": [ID.upper(), ID]}).task_ids == [ID.upper(), ID]

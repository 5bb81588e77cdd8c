from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from realtime_app.errors import ValidationFailed
from realtime_app.schemas.fields import Body, parse
from realtime_app.schemas.tasks import TaskBody, TaskChangesBody, TaskListQuery, TaskOrderBody

ID = "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01"
OTHER_ID = "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a02"


def reasons(model: type[Body], fields: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationFailed) as failed:
        parse(model, fields)
    return failed.value.errors


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "a" * 500, "notes": "a" * 20_000, "estimatedMins": 480, "position": 2**31 - 1},
        {"title": " ", "notes": "", "estimatedMins": 1, "position": 0, "priority": "P0"},
        {"title": "a", "notes": None, "scheduledDate": None, "estimatedMins": None, "position": None},
        {"title": "a", "scheduledDate": "2024-02-29", "unknown": True},
    ],
)
def test_a_task_is_taken_within_its_limits(fields: dict[str, Any]) -> None:
    parse(TaskBody, fields)
    parse(TaskChangesBody, {name: value for name, value in fields.items() if name != "position" or value is not None})


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("title", "", "must not be empty"),
        ("title", None, "must be text"),
        ("title", "a" * 501, "at most 500 characters"),
        ("title", "a\0b", "must not contain the character U+0000"),
        ("title", 5, "must be text"),
        ("notes", "a" * 20_001, "at most 20000 characters"),
        ("notes", "\0", "must not contain the character U+0000"),
        ("scheduledDate", "2024-02-30", "is not a day of the calendar"),
        ("scheduledDate", "2024-2-3", "must be a date like 2026-11-23"),
        ("scheduledDate", "backlog", "must be a date like 2026-11-23"),
        ("estimatedMins", 0, "at least 1"),
        ("estimatedMins", 481, "at most 480"),
        ("estimatedMins", "30", "must be a whole number"),
        ("estimatedMins", True, "must be a whole number"),
        ("priority", "P4", "must be one of 'P0', 'P1', 'P2' or 'P3'"),
        ("priority", None, "must be one of 'P0', 'P1', 'P2' or 'P3'"),
        ("position", -1, "at least 0"),
        ("position", 2**31, "at most 2147483647"),
        ("position", 1.5, "must be a whole number"),
    ],
)
def test_a_wrong_field_is_named_with_its_reason(field: str, value: Any, reason: str) -> None:
    assert reasons(TaskBody, {"title": "a", field: value}) == {field: [reason]}
    assert reasons(TaskChangesBody, {field: value}) == {field: [reason]}


def test_a_title_is_required() -> None:
    assert reasons(TaskBody, {}) == {"title": ["is required"]}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("position", None, "must be a whole number"),
        ("actualMins", None, "must be a whole number"),
        ("actualMins", -1, "at least 0"),
        ("subtasksHidden", None, "must be true or false"),
        ("subtasksHidden", "true", "must be true or false"),
        ("completedAt", "2026-11-23", "must be an instant with an offset like 2026-11-23T09:00:00.000Z"),
        ("completedAt", "2026-11-23T09:00:00", "must be an instant with an offset like 2026-11-23T09:00:00.000Z"),
    ],
)
def test_a_wrong_field_of_a_change_is_named_with_its_reason(field: str, value: Any, reason: str) -> None:
    assert reasons(TaskChangesBody, {field: value}) == {field: [reason]}


def test_a_change_holds_what_was_sent_and_nothing_else() -> None:
    body = parse(TaskChangesBody, {"notes": None, "completedAt": "2026-11-23T10:00:00.5+01:00", "unknown": 1})

    assert body.changes() == {"notes": None, "completed_at": datetime(2026, 11, 23, 9, 0, 0, 500_000, tzinfo=UTC)}


@pytest.mark.parametrize(("sent", "day"), [("backlog", None), ("2026-11-23", date(2026, 11, 23))])
def test_an_order_is_for_a_day_or_the_backlog(sent: str, day: date | None) -> None:
    assert parse(TaskOrderBody, {"date": sent, "taskIds": [ID]}).date == day


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, {"date": ["is required"], "taskIds": ["is required"]}),
        ({"date": None, "taskIds": []}, {"date": ['must be a date like 2026-11-23 or "backlog"'], "taskIds": None}),
        ({"date": "backlog", "taskIds": [ID] * 1001}, {"taskIds": ["at most 1000 items"]}),
        ({"date": "backlog", "taskIds": [ID, OTHER_ID, ID.upper()]}, {"taskIds": ["must not name an id twice"]}),
        ({"date": "backlog", "taskIds": [ID, "a"]}, {"taskIds.1": ["must be a UUID"]}),
        ({"date": "backlog", "taskIds": ID}, {"taskIds": ["must be a list"]}),
    ],
)
def test_a_wrong_order_is_refused(fields: dict[str, Any], errors: dict[str, list[str] | None]) -> None:
    found = reasons(TaskOrderBody, fields)

    assert found.keys() == errors.keys()
    assert all(errors[field] in (None, why) for field, why in found.items())


def test_a_list_query_has_defaults() -> None:
    query = parse(TaskListQuery, {"unknown": "1"})

    assert (query.page, query.limit, query.sort_by, query.search) == (1, 50, "position", "")
    assert (query.date, query.completed, query.backlog, query.include_subtasks) == (None, None, None, False)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("date", "today", "must be a date like 2026-11-23"),
        ("from", "2026-13-01", "is not a day of the calendar"),
        ("to", "", "must be a date like 2026-11-23"),
        ("completed", "1", "must be true or false"),
        ("backlog", "yes", "must be true or false"),
        ("includeSubtasks", "True", "must be true or false"),
        ("priority", "P5", "must be one of 'P0', 'P1', 'P2' or 'P3'"),
        ("sortBy", "title", "must be one of 'position', 'priority' or 'createdAt'"),
        ("search", "a" * 501, "at most 500 characters"),
        ("search", "\0", "must not contain the character U+0000"),
        ("page", "0", "at least 1"),
        ("limit", "0", "at least 1"),
        ("limit", "501", "at most 500"),
        ("limit", "ten", "must be a whole number"),
        ("limit", "1_0", "must be a whole number"),
        ("limit", "1.0", "must be a whole number"),
        ("page", " 1", "must be a whole number"),
        ("page", "١", "must be a whole number"),
        ("page", "9" * 5000, "at most 2147483647"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_reason(field: str, value: str, reason: str) -> None:
    with pytest.raises(ValidationFailed) as failed:
        parse(TaskListQuery, {field: value})

    assert failed.value.errors == {field: [reason]}

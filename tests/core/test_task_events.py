from __future__ import annotations

from typing import Any

import pytest

from realtime_app.core.events import EventType
from realtime_app.core.task_events import MAX_LISTED, change_of_task, order_of_tasks, task_payload

MONDAY = "2026-11-23"
TUESDAY = "2026-11-24"
NINE = "2026-11-23T09:00:00.000Z"
TEN = "2026-11-23T10:00:00.000Z"

TASK: dict[str, Any] = {"id": "a", "title": "Write", "scheduledDate": MONDAY, "completedAt": None, "version": 3}


def test_every_payload_names_the_task_its_day_and_its_version() -> None:
    assert task_payload(TASK) == {"taskId": "a", "scheduledDate": MONDAY, "version": 3}


@pytest.mark.parametrize(
    ("before", "after", "event_type"),
    [
        (None, NINE, EventType.TASK_COMPLETED),
        (NINE, TEN, EventType.TASK_UPDATED),
        (NINE, None, EventType.TASK_UPDATED),
    ],
)
def test_completion_is_the_step_from_null_to_an_instant(
    before: str | None, after: str | None, event_type: EventType
) -> None:
    change = change_of_task(TASK | {"completedAt": before}, TASK | {"completedAt": after, "version": 4})

    assert change == (event_type, {"taskId": "a", "scheduledDate": MONDAY, "version": 4, "fields": ["completedAt"]})


@pytest.mark.parametrize(("before", "after"), [(MONDAY, TUESDAY), (None, MONDAY), (MONDAY, None)])
def test_a_task_that_moved_names_its_former_day(before: str | None, after: str | None) -> None:
    _, payload = change_of_task(TASK | {"scheduledDate": before}, TASK | {"scheduledDate": after})

    assert payload["scheduledDate"] == after
    assert payload["previousScheduledDate"] == before


def test_a_task_that_stayed_names_no_former_day() -> None:
    _, payload = change_of_task(TASK, TASK | {"title": "Read"})

    assert "previousScheduledDate" not in payload


@pytest.mark.parametrize(("day", "date"), [(MONDAY, MONDAY), (None, "backlog")])
def test_an_order_names_its_bucket(day: str | None, date: str) -> None:
    assert order_of_tasks(day, ["b", "a"], {}) == {"date": date, "taskIds": ["b", "a"]}


def test_an_order_names_what_moved_in() -> None:
    payload = order_of_tasks(MONDAY, ["b", "a"], {"b": TUESDAY, "a": None})

    assert payload["moved"] == [
        {"taskId": "b", "previousScheduledDate": TUESDAY},
        {"taskId": "a", "previousScheduledDate": None},
    ]


@pytest.mark.parametrize(("length", "truncated"), [(MAX_LISTED, False), (MAX_LISTED + 1, True)])
def test_an_order_that_is_too_long_is_truncated(length: int, truncated: bool) -> None:
    order = list(map(str, range(length)))

    payload = order_of_tasks(MONDAY, order, {})

    assert payload["taskIds"] == order[:MAX_LISTED]
    assert payload.get("truncated", False) is truncated

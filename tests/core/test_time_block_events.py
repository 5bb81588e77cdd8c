from typing import Any

from realtime_app.core.time_block_events import change_of_time_block, time_block_payload

BLOCK: dict[str, Any] = {
    "id": "3f1c1f0d-51b5-4a37-9f3f-0d5ad3a8a001",
    "taskId": None,
    "title": "Write",
    "date": "2026-11-23",
    "startTime": "09:00",
    "endTime": "10:00",
    "durationMins": 60,
    "version": 1,
    "updatedAt": "2026-11-23T09:00:00.000Z",
    "task": None,
}


def test_an_event_names_the_block_its_day_and_its_version() -> None:
    assert time_block_payload(BLOCK) == {"timeBlockId": BLOCK["id"], "date": "2026-11-23", "version": 1}


def test_a_change_names_no_field_that_follows_from_another() -> None:
    after = BLOCK | {
        "taskId": "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01",
        "task": {"id": "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01"},
        "endTime": "10:30",
        "durationMins": 90,
        "version": 2,
        "updatedAt": "2026-11-23T09:00:01.000Z",
    }

    assert change_of_time_block(BLOCK, after) == {
        "timeBlockId": BLOCK["id"],
        "date": "2026-11-23",
        "version": 2,
        "fields": ["taskId", "endTime"],
    }


def test_the_previous_day_is_named_when_the_block_moved() -> None:
    payload = change_of_time_block(BLOCK, BLOCK | {"date": "2026-11-24", "version": 2})

    assert (payload["date"], payload["previousDate"], payload["fields"]) == ("2026-11-24", "2026-11-23", ["date"])

from datetime import UTC, date, datetime
from typing import Any

import pytest

from realtime_app.errors import ValidationFailed
from realtime_app.schemas.fields import parse
from realtime_app.schemas.time_blocks import (
    AutoScheduleBody,
    CascadeResizeBody,
    QuickScheduleBody,
    TimeBlockBody,
    TimeBlockChangesBody,
    TimeBlockListQuery,
)

TASK_ID = "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01"
BLOCK = {"title": "Write", "date": "2026-11-23", "startTime": "9:00", "endTime": "10:30"}


def errors_of(model: type, data: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationFailed) as caught:
        parse(model, data)
    return caught.value.errors


def test_a_block_takes_the_defaults_when_only_the_required_is_sent() -> None:
    body = parse(TimeBlockBody, BLOCK)

    assert (body.title, body.date, body.start_minute, body.end_minute) == ("Write", date(2026, 11, 23), 540, 630)
    assert (body.task_id, body.description, body.color, body.position) == (None, None, "#3B82F6", None)


def test_every_missing_field_is_named() -> None:
    assert errors_of(TimeBlockBody, {}) == {name: ["is required"] for name in ("title", "date", "startTime", "endTime")}


@pytest.mark.parametrize("end", ["24:00", "00:00", "0:00"])
@pytest.mark.parametrize("model", [TimeBlockBody, TimeBlockChangesBody])
def test_a_block_may_end_at_midnight(model: type[TimeBlockBody | TimeBlockChangesBody], end: str) -> None:
    assert parse(model, BLOCK | {"endTime": end}).end_minute == 1440


@pytest.mark.parametrize("model", [TimeBlockBody, TimeBlockChangesBody])
@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"startTime": "24:00", "endTime": "24:00"}, "startTime", "must be before 24:00"),
        ({"endTime": "24:01"}, "endTime", "must be a time like 09:00, from 00:00 to 24:00"),
        ({"endTime": "09:00"}, "endTime", "must be later than startTime"),
        ({"startTime": "23:00"}, "endTime", "must be later than startTime"),
        ({"startTime": None}, "startTime", "must be a time like 09:00, from 00:00 to 24:00"),
        ({"date": "2024-02-30"}, "date", "is not a day of the calendar"),
        ({"title": ""}, "title", "must not be empty"),
        ({"title": "x" * 256}, "title", "at most 255 characters"),
        ({"title": None}, "title", "must be text"),
        ({"taskId": "1"}, "taskId", "must be a UUID"),
        ({"color": "3B82F6"}, "color", "must be a color like #3B82F6"),
        ({"color": "#3B82F6\n"}, "color", "must be a color like #3B82F6"),
        ({"color": "#3B82F"}, "color", "must be a color like #3B82F6"),
        ({"color": 7}, "color", "must be a color like #3B82F6"),
        ({"position": -1}, "position", "at least 0"),
        ({"description": "x" * 20_001}, "description", "at most 20000 characters"),
        ({"notes": "x" * 20_001}, "notes", "at most 20000 characters"),
        ({"description": "\0"}, "description", "must not contain the character U+0000"),
    ],
)
def test_a_wrong_field_is_refused(model: type, wrong: dict[str, Any], field: str, reason: str) -> None:
    assert errors_of(model, BLOCK | wrong) == {field: [reason]}


def test_a_wrong_order_of_times_is_named_beside_the_other_errors() -> None:
    assert errors_of(TimeBlockBody, BLOCK | {"title": "", "endTime": "8:00"}).keys() == {"title", "endTime"}


def test_notes_are_the_description_when_there_is_no_description() -> None:
    assert parse(TimeBlockBody, BLOCK | {"notes": "why"}).description == "why"
    assert parse(TimeBlockBody, BLOCK | {"notes": "why", "description": "what"}).description == "what"
    assert parse(TimeBlockBody, BLOCK | {"notes": "why", "description": None}).description is None
    assert parse(TimeBlockChangesBody, {"notes": "why"}).changes() == {"description": "why"}


@pytest.mark.parametrize("color", ["#a1b2c3", "#A1B2C3"])
def test_a_color_keeps_the_case_it_was_sent_in(color: str) -> None:
    assert parse(TimeBlockBody, BLOCK | {"color": color}).color == color


def test_changes_hold_what_was_sent_and_null_where_it_may_be() -> None:
    body = parse(TimeBlockChangesBody, {"taskId": None, "description": None, "color": None, "id": "ignored"})

    assert body.changes() == {"task_id": None, "description": None, "color": "#3B82F6"}


def test_one_time_alone_is_left_to_the_service() -> None:
    assert parse(TimeBlockChangesBody, {"startTime": "23:59"}).changes() == {"start_minute": 1439}
    assert parse(TimeBlockChangesBody, {"endTime": "00:01"}).changes() == {"end_minute": 1}


@pytest.mark.parametrize("minutes", [5, 480])
def test_quick_schedule_takes_durations_to_their_bounds(minutes: int) -> None:
    sent = {"taskId": TASK_ID, "date": "2026-11-23", "startTime": "09:00", "durationMins": minutes}

    assert parse(QuickScheduleBody, sent).duration_mins == minutes


def test_quick_schedule_refuses_durations_beyond_their_bounds() -> None:
    sent = {"taskId": TASK_ID, "date": "2026-11-23", "startTime": "09:00"}

    assert parse(QuickScheduleBody, sent).duration_mins == 30
    assert errors_of(QuickScheduleBody, sent | {"durationMins": 4}) == {"durationMins": ["at least 5"]}
    assert errors_of(QuickScheduleBody, sent | {"durationMins": 481}) == {"durationMins": ["at most 480"]}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-11-23T10:00:00.000+01:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("9:10", 550),
        ("09:10", 550),
        (None, None),
    ],
)
def test_auto_schedule_takes_an_instant_or_a_time(sent: str | None, expected: datetime | int | None) -> None:
    assert parse(AutoScheduleBody, {"taskId": TASK_ID, "currentTime": sent}).current_time == expected


@pytest.mark.parametrize("sent", ["25:00", "2026-11-23T10:00:00", 540, "", "now"])
def test_auto_schedule_refuses_any_other_time(sent: object) -> None:
    assert errors_of(AutoScheduleBody, {"taskId": TASK_ID, "currentTime": sent}) == {
        "currentTime": ["must be an instant with an offset like 2026-11-23T09:00:00.000Z, or a time like 09:00"]
    }


def test_cascade_resize_asks_for_both_times() -> None:
    assert errors_of(CascadeResizeBody, {}).keys() == {"startTime", "endTime"}
    assert parse(CascadeResizeBody, {"startTime": "23:00", "endTime": "00:00"}).end_minute == 1440


@pytest.mark.parametrize(
    "parameters",
    [
        {"date": "2026-11-23"},
        {"from": "2026-11-23"},
        {"to": "2026-11-23"},
        {"startTimeFrom": "2026-11-23T09:00:00Z"},
        {"startTimeTo": "2026-11-23T09:00:00Z"},
    ],
)
def test_the_limit_is_higher_when_days_or_starts_are_asked_for(parameters: dict[str, str]) -> None:
    assert parse(TimeBlockListQuery, parameters).limit == 500
    assert parse(TimeBlockListQuery, parameters | {"limit": "7"}).limit == 7


def test_the_limit_is_the_usual_one_when_no_day_is_asked_for() -> None:
    assert parse(TimeBlockListQuery, {"taskId": TASK_ID, "unassignedOnly": "false"}).limit == 50


def test_every_wrong_filter_is_named() -> None:
    wrong = dict.fromkeys(("date", "from", "to", "taskId", "unassignedOnly", "startTimeFrom", "startTimeTo"), "x")

    assert errors_of(TimeBlockListQuery, wrong | {"limit": "501"}).keys() == {*wrong, "limit"}

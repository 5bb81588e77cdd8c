"""Whatever another process or program publishes is either an event or refused with a reason."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.events import Event, EventType
from realtime_app.core.published import (
    MAX_FOREIGN_BYTES,
    ForeignEvent,
    MessageRefused,
    family_of,
    parse_published,
    without_session_name,
)

REASONS = {"not_json", "unknown_type", "bad_payload", "bad_id", "no_epoch", "too_large"}


def message(**fields: object) -> bytes:
    return orjson.dumps({"type": "task:created", "payload": {}} | fields)


def refusal(body: bytes) -> str:
    with pytest.raises(MessageRefused) as refused:
        parse_published("user-1", body)
    return refused.value.reason


def outcome(body: bytes) -> str:
    try:
        parse_published("user-1", body)
    except MessageRefused as refused:
        return refused.reason
    return "an event"


def test_a_numbered_event_is_taken_with_its_own_bytes() -> None:
    body = message(id=7, epoch="e", more=[1])
    assert parse_published("user-1", body) == Event("user-1", 7, "e", "task:created", body)


@pytest.mark.parametrize("event_type", list(EventType))
def test_an_event_without_an_id_is_foreign_whatever_its_type(event_type: EventType) -> None:
    body = message(type=event_type)
    assert parse_published("user-1", body) == ForeignEvent(event_type, body)


@pytest.mark.parametrize(
    "body", [b"", b"x", b"1", b"[]", b'"text"', b"null", b"\xff", b'\xef\xbb\xbf{"type":"x"}', b"[" * 9999]
)
def test_what_is_not_a_json_object_is_refused(body: bytes) -> None:
    assert refusal(body) == "not_json"


@pytest.mark.parametrize("event_type", ["connected", "pong", "", None, 7, ["task:created"], {"a": 1}])
def test_a_type_that_is_none_of_the_nine_is_refused(event_type: object) -> None:
    assert refusal(message(type=event_type)) == "unknown_type"


@pytest.mark.parametrize("payload", [None, [], "x", 1])
def test_a_payload_that_is_no_object_is_refused(payload: object) -> None:
    assert refusal(message(payload=payload)) == "bad_payload"


@pytest.mark.parametrize("event_id", [0, -1, 1.0, True, "1", None, [1]])
def test_an_id_that_is_no_whole_number_from_1_is_refused(event_id: object) -> None:
    assert refusal(message(id=event_id, epoch="e")) == "bad_id"


@pytest.mark.parametrize("epoch", [None, 1, ["e"]])
def test_an_id_without_an_epoch_is_refused(epoch: object) -> None:
    assert refusal(message(id=1, epoch=epoch)) == "no_epoch"
    assert refusal(message(id=1)) == "no_epoch"


def test_a_foreign_event_has_64_kilobytes_and_not_one_byte_more() -> None:
    bare = len(message(payload={"text": ""}))
    largest = message(payload={"text": "x" * (MAX_FOREIGN_BYTES - bare)})
    assert parse_published("user-1", largest) == ForeignEvent("task:created", largest)
    assert refusal(message(payload={"text": "x" * (MAX_FOREIGN_BYTES - bare + 1)})) == "too_large"


def test_an_event_of_our_own_may_be_larger() -> None:
    body = message(id=1, epoch="e", payload={"taskIds": ["x" * 36] * 3000})
    assert isinstance(parse_published("user-1", body), Event)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5)


OBJECT = st.dictionaries(st.sampled_from(["type", "payload", "id", "epoch", "more"]), JSON)


@given(st.binary() | OBJECT.map(lambda value: json.dumps(value).encode()))
def test_anything_at_all_is_an_event_or_a_refusal(body: bytes) -> None:
    assert outcome(body) in REASONS | {"an event"}


@pytest.mark.parametrize("fields", [{}, {"id": 1, "epoch": "e", "actor": {"kind": "session", "id": "s", "name": "n"}}])
def test_what_is_taken_can_be_written_anew_however_deep_it_is(fields: dict[str, object]) -> None:
    outcomes = []
    for levels in range(245, 265):
        nested = b"[" * levels + b"]" * levels
        body = message(**fields, payload={"nested": 0}).replace(b'"nested":0', b'"nested":' + nested)
        outcomes.append(outcome(body))
        if outcomes[-1] == "an event":
            without_session_name(body)
    assert set(outcomes) == {"an event", "bad_payload"}


def test_the_family_is_what_stands_before_the_colon() -> None:
    assert [family_of(event_type) for event_type in ("task:reordered", "timeblock:deleted", "user:updated")] == [
        "task",
        "timeblock",
        "user",
    ]


def test_a_sessions_name_is_taken_out_and_all_else_stays() -> None:
    body = message(id=1, epoch="e", origin="tab", actor={"kind": "session", "id": "s", "name": "Firefox"})
    assert json.loads(without_session_name(body)) == json.loads(body) | {
        "actor": {"kind": "session", "id": "s", "name": None}
    }


@pytest.mark.parametrize("actor", [{"kind": "key", "id": "k", "name": "Agent"}, {"kind": "system"}, None, "me", []])
def test_other_actors_are_left_alone(actor: object) -> None:
    body = message(actor=actor)
    assert without_session_name(body) is body

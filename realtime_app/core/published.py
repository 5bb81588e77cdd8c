"""Checks what arrived from other processes and programs before it is taken for an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from realtime_app.core.events import Event, EventType

MAX_FOREIGN_BYTES = 64 * 1024
"""A program that publishes by itself is held to this; our own events are bounded by what a request may hold."""

# orjson reads 1,024 levels of nesting, but writes 254, and keys get what was written anew. A level has two bytes.
_SHALLOW_BYTES = 508

_TYPES = {event_type.value: event_type.family for event_type in EventType}
_NO_ID = object()


@dataclass(frozen=True, slots=True)
class ForeignEvent:
    """An event without id, published by another program: delivered once, as it is, without promise of order."""

    type: str
    body: bytes


class MessageRefused(Exception):
    """`reason` is one of a few words: it labels a metric."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_published(user_id: str, message: bytes) -> Event | ForeignEvent:
    """Raises MessageRefused with `not_json`, `unknown_type`, `bad_payload`, `bad_id`, `no_epoch` or `too_large`."""
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise MessageRefused("not_json") from None
    if type(event) is not dict:
        raise MessageRefused("not_json")
    get = event.get
    event_type = get("type")
    if type(event_type) is not str or event_type not in _TYPES:
        raise MessageRefused("unknown_type")
    if type(get("payload")) is not dict:
        raise MessageRefused("bad_payload")
    if len(message) > _SHALLOW_BYTES and not _can_be_written(event):
        raise MessageRefused("bad_payload")
    event_id = get("id", _NO_ID)
    if event_id is _NO_ID:
        return _foreign(event_type, message)
    if type(event_id) is not int or event_id < 1:
        raise MessageRefused("bad_id")
    epoch = get("epoch")
    if type(epoch) is not str:
        raise MessageRefused("no_epoch")
    return Event(user_id, event_id, epoch, event_type, message)


def _can_be_written(event: dict[str, Any]) -> bool:
    try:
        orjson.dumps(event)
    except TypeError:
        return False
    return True


def _foreign(event_type: str, message: bytes) -> ForeignEvent:
    if len(message) > MAX_FOREIGN_BYTES:
        raise MessageRefused("too_large")
    return ForeignEvent(event_type, message)


def family_of(event_type: str) -> str:
    """The family of a known type; it decides which keys hear the event."""
    return _TYPES[event_type]


def without_session_name(body: bytes) -> bytes:
    """The event as connections of API keys get it: a session's name (the browser a person uses) is not theirs."""
    event = orjson.loads(body)
    actor = event.get("actor")
    if not isinstance(actor, dict) or actor.get("kind") != "session":
        return body
    actor["name"] = None
    return orjson.dumps(event)

"""How large events are, and that none is larger than everybody downstream reckons with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from realtime_app.broker.base import MAX_MESSAGE_BYTES
from realtime_app.config import Settings
from realtime_app.core.events import MAX_EVENT_BYTES, EventTooLarge, EventType, Payload, encode_event
from realtime_app.core.task_events import MAX_LISTED, order_of_tasks, task_payload
from realtime_app.services.task_links import MAX_BLOCKS
from realtime_app.store.event_log import PAGE_BYTES
from realtime_app.store.retention import FEWEST_LARGE_EVENTS, Retention

LONGEST_NAME = "\x01" * 255
"""JSON takes six bytes for each of these."""

MONDAY = "2026-11-23"


def encoded(event_type: EventType, payload: Payload) -> bytes:
    return encode_event(
        event_type=event_type,
        payload=payload,
        event_id=2**63 - 1,
        epoch=str(uuid4()),
        actor={"kind": "session", "id": str(uuid4()), "name": LONGEST_NAME},
        origin=str(uuid4()),
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def ids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


def test_the_largest_events_are_within_the_limit() -> None:
    moved = ids(MAX_LISTED)
    task: dict[str, Any] = {"id": str(uuid4()), "scheduledDate": MONDAY, "version": 2**31 - 1}
    order = order_of_tasks(MONDAY, [*moved, "one more"], dict.fromkeys(moved, "2026-11-24"))
    restored = task_payload(task) | {"timeBlockIds": ids(MAX_BLOCKS)}
    sizes = [len(encoded(EventType.TASK_REORDERED, order)), len(encoded(EventType.TASK_CREATED, restored))]
    assert MAX_EVENT_BYTES * 0.95 < max(sizes) <= MAX_EVENT_BYTES


def test_a_larger_event_is_refused() -> None:
    with pytest.raises(EventTooLarge, match="user:updated"):
        encoded(EventType.USER_UPDATED, {"fields": ["x" * MAX_EVENT_BYTES]})


def test_everybody_downstream_reckons_with_the_limit() -> None:
    assert MAX_EVENT_BYTES <= MAX_MESSAGE_BYTES // 8
    assert Retention(timedelta(days=7)).most_bytes > MAX_EVENT_BYTES * FEWEST_LARGE_EVENTS
    (least,) = (limit.ge for limit in Settings.model_fields["ws_output_limit_bytes"].metadata)
    assert least > PAGE_BYTES + MAX_EVENT_BYTES

"""What the events about time blocks say, from blocks in the wire's shape before and after a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_app.core.changes import changed_fields
from realtime_app.core.events import TimeBlockPayload

TimeBlock = Mapping[str, Any]

_FOLLOW_FROM_OTHER_FIELDS = frozenset({"durationMins", "task"})


def time_block_payload(block: TimeBlock) -> TimeBlockPayload:
    """What every event about one time block says of it."""
    return {"timeBlockId": block["id"], "date": block["date"], "version": block["version"]}


def change_of_time_block(before: TimeBlock, after: TimeBlock) -> TimeBlockPayload:
    """The payload of timeblock:updated."""
    payload = time_block_payload(after)
    if before["date"] != after["date"]:
        payload["previousDate"] = before["date"]
    payload["fields"] = [name for name in changed_fields(before, after) if name not in _FOLLOW_FROM_OTHER_FIELDS]
    return payload

"""The wire's words: event types, payloads, and the one way an event becomes bytes. Spelled here and nowhere else.

The browser's types are generated from these declarations.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple, NotRequired

import orjson
from typing_extensions import TypedDict  # pydantic cannot read those of typing before Python 3.12


class EventType(StrEnum):
    """The nine data events: stored in the log, numbered, delivered to every connection of their user."""

    TASK_CREATED = "task:created"
    TASK_UPDATED = "task:updated"
    TASK_DELETED = "task:deleted"
    TASK_COMPLETED = "task:completed"
    TASK_REORDERED = "task:reordered"
    TIME_BLOCK_CREATED = "timeblock:created"
    TIME_BLOCK_UPDATED = "timeblock:updated"
    TIME_BLOCK_DELETED = "timeblock:deleted"
    USER_UPDATED = "user:updated"

    @property
    def family(self) -> str:
        return self.partition(":")[0]


class FrameType(StrEnum):
    """The frames that are about the connection itself: never stored, never numbered."""

    CONNECTED = "connected"
    RESYNC = "resync"
    PONG = "pong"
    AUTH_OK = "auth:ok"
    ERROR = "error"


class ClientFrameType(StrEnum):
    """What a client may send."""

    PING = "ping"
    AUTH = "auth"


class TaskPayload(TypedDict):
    """task:created, task:updated, task:deleted, task:completed.

    `fields` names what changed (updated and completed). `previousScheduledDate` is there only when the task moved.
    `timeBlockIds` (created by a restore) names the blocks that got their link to the task back.
    """

    taskId: str
    scheduledDate: str | None
    version: int
    previousScheduledDate: NotRequired[str | None]
    fields: NotRequired[list[str]]
    timeBlockIds: NotRequired[list[str]]


class MovedTask(TypedDict):
    taskId: str
    previousScheduledDate: str | None


class TaskReorderedPayload(TypedDict):
    """`date` is a day or "backlog". `taskIds` is the bucket in its new order: its first 1,000, then `truncated`."""

    date: str
    taskIds: list[str]
    truncated: NotRequired[bool]
    moved: NotRequired[list[MovedTask]]


class TimeBlockPayload(TypedDict):
    """timeblock:created, timeblock:updated, timeblock:deleted. `previousDate` is there only when the block moved."""

    timeBlockId: str
    date: str
    version: int
    previousDate: NotRequired[str]
    fields: NotRequired[list[str]]


class UserUpdatedPayload(TypedDict):
    """`preferences` is the whole merged object, there only when it changed."""

    fields: list[str]
    preferences: NotRequired[dict[str, Any]]


class Actor(TypedDict):
    """Who did it. `id` is a session's public id or a key's id, never the `sid` of a JWT; null for the system."""

    kind: Literal["session", "key", "system"]
    id: str | None
    name: str | None


Payload = TaskPayload | TaskReorderedPayload | TimeBlockPayload | UserUpdatedPayload

PAYLOADS: dict[EventType, type] = {
    EventType.TASK_CREATED: TaskPayload,
    EventType.TASK_UPDATED: TaskPayload,
    EventType.TASK_DELETED: TaskPayload,
    EventType.TASK_COMPLETED: TaskPayload,
    EventType.TASK_REORDERED: TaskReorderedPayload,
    EventType.TIME_BLOCK_CREATED: TimeBlockPayload,
    EventType.TIME_BLOCK_UPDATED: TimeBlockPayload,
    EventType.TIME_BLOCK_DELETED: TimeBlockPayload,
    EventType.USER_UPDATED: UserUpdatedPayload,
}
"""The payload's shape for each type; the JSON Schema for other languages is made from this table."""


class ConnectedPayload(TypedDict):
    """Always the first frame. `lastEventId` is where this connection starts."""

    userId: str
    connectionId: str
    epoch: str
    lastEventId: int
    recovered: bool


class ResyncPayload(TypedDict):
    """Refetch everything, go on from there."""

    reason: str
    epoch: str
    lastEventId: int


class PongPayload(TypedDict):
    """The place that this connection has been brought to."""

    epoch: str
    lastEventId: int


class AuthOkPayload(TypedDict):
    """The new token's end."""

    expiresAt: str | None


class ErrorPayload(TypedDict):
    code: str
    message: str


FramePayload = ConnectedPayload | ResyncPayload | PongPayload | AuthOkPayload | ErrorPayload

FRAME_PAYLOADS: dict[FrameType, type] = {
    FrameType.CONNECTED: ConnectedPayload,
    FrameType.RESYNC: ResyncPayload,
    FrameType.PONG: PongPayload,
    FrameType.AUTH_OK: AuthOkPayload,
    FrameType.ERROR: ErrorPayload,
}

BACKLOG = "backlog"
"""The bucket of tasks without a date, where a day is expected."""


class EventTooLarge(Exception):
    """A service told more than MAX_EVENT_BYTES: its change must not be committed, for no client could take it."""


class Event(NamedTuple):
    """One numbered event of one user. `body` is the exact JSON object that clients get, as UTF-8 bytes.

    One is made of every message that arrives: a frozen dataclass costs three times as much.
    """

    user_id: str
    id: int
    epoch: str
    type: str
    body: bytes


MAX_EVENT_BYTES = 128 * 1024
"""The largest, a task:reordered with 1,000 tasks all of which moved, has about 128,000."""


def wire_instant(moment: datetime) -> str:
    """ISO 8601 with milliseconds and Z, from an aware datetime: `2026-11-23T15:48:00.000Z`."""
    # Every row has two of them: what is UTC already isn't converted, and the offset "+00:00" is cut by its length.
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


def encode_event(
    *,
    event_type: EventType,
    payload: Payload,
    event_id: int,
    epoch: str,
    actor: Actor,
    origin: str | None,
    at: datetime,
) -> bytes:
    """The event as the JSON object of the wire. Services bound what they tell, so that it is within MAX_EVENT_BYTES."""
    body: dict[str, Any] = {
        "type": event_type,
        "payload": payload,
        "timestamp": wire_instant(at),
        "id": event_id,
        "epoch": epoch,
        "actor": actor,
    }
    if origin is not None:
        body["origin"] = origin
    encoded = orjson.dumps(body)
    if len(encoded) > MAX_EVENT_BYTES:
        raise EventTooLarge(f"{event_type} with {len(encoded)} bytes")
    return encoded


def encode_frame(frame_type: FrameType, payload: FramePayload, at: datetime) -> bytes:
    """A frame about the connection itself as the JSON object of the wire."""
    return orjson.dumps({"type": frame_type, "payload": payload, "timestamp": wire_instant(at)})

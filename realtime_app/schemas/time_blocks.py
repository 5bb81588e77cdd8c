"""Bodies and queries of the time block routes. The fields' names are those of the table's columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from realtime_app.core.times import MINUTES_PER_DAY
from realtime_app.schemas.fields import (
    ABSENT,
    Body,
    ChangesBody,
    Count,
    Day,
    Flag,
    Identifier,
    Instant,
    MinuteOfDay,
    PageQuery,
    Text,
)

DEFAULT_COLOR = "#3B82F6"

MAX_TITLE_LENGTH = 255

ROWS_OF_DAYS = 500
"""The default limit where days or starts are asked for: a calendar wants them whole."""

_DAY_FILTERS = frozenset({"date", "from", "to", "startTimeFrom", "startTimeTo"})


def _before_midnight(minute: int) -> int:
    if minute == MINUTES_PER_DAY:
        raise PydanticCustomError("start", "must be before 24:00")
    return minute


def _midnight_as_end(minute: int) -> int:
    return minute or MINUTES_PER_DAY


def _after_start(minute: int, info: ValidationInfo) -> int:
    start = info.data.get("start_minute")
    if start is not None and minute <= start:
        raise PydanticCustomError("end", "must be later than startTime")
    return minute


def _color(value: object) -> str:
    if value is None:
        return DEFAULT_COLOR
    if isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", value, re.ASCII):
        return value
    raise PydanticCustomError("color", "must be a color like #3B82F6")


def _current_time(value: object) -> datetime | int:
    moment: datetime | int
    is_time = isinstance(value, str) and len(value) <= len("HH:MM")
    try:
        moment = (_TIME if is_time else _INSTANT).validate_python(value)
    except ValidationError:
        reason = "must be an instant with an offset like 2026-11-23T09:00:00.000Z, or a time like 09:00"
        raise PydanticCustomError("current_time", reason) from None
    return moment


_TIME: TypeAdapter[Any] = TypeAdapter(MinuteOfDay)
_INSTANT: TypeAdapter[Any] = TypeAdapter(Instant)

Title = Annotated[Text, Field(min_length=1, max_length=MAX_TITLE_LENGTH)]
Description = Annotated[Text | None, Field(max_length=20_000, validation_alias=AliasChoices("description", "notes"))]
"""`notes` is another name of it; `description` wins."""
StartMinute = Annotated[MinuteOfDay, AfterValidator(_before_midnight), Field(alias="startTime")]
EndMinute = Annotated[
    MinuteOfDay, AfterValidator(_midnight_as_end), AfterValidator(_after_start), Field(alias="endTime")
]
"""`00:00` means the end of the day, as `24:00` does."""
Color = Annotated[str, BeforeValidator(_color)]
"""`#RRGGBB`; null gives the default."""
DurationMins = Annotated[Count, Field(ge=5, le=480)]


class TimeBlockBody(Body):
    """POST /time-blocks. Without a position (or with null) the block goes to the end of its day."""

    title: Title
    date: Day
    start_minute: StartMinute
    end_minute: EndMinute
    task_id: Identifier | None = None
    description: Description = None
    color: Color = DEFAULT_COLOR
    position: Count | None = None


class TimeBlockChangesBody(ChangesBody):
    """PATCH /time-blocks/{id}. That one of the times fits to the other, stored one is for the service to see."""

    title: Title = ABSENT
    date: Day = ABSENT
    start_minute: StartMinute = ABSENT
    end_minute: EndMinute = ABSENT
    task_id: Identifier | None = None
    description: Description = None
    color: Color = ABSENT
    position: Count = ABSENT


class QuickScheduleBody(Body):
    """POST /time-blocks/quick-schedule."""

    task_id: Identifier
    date: Day
    start_minute: StartMinute
    duration_mins: DurationMins = 30
    color: Color = DEFAULT_COLOR


class AutoScheduleBody(Body):
    """POST /time-blocks/auto-schedule. A current time is an instant, or the minute of the user's day."""

    task_id: Identifier
    current_time: Annotated[datetime | int, PlainValidator(_current_time)] | None = None


class CascadeResizeBody(Body):
    """PATCH /time-blocks/{id}/cascade-resize."""

    start_minute: StartMinute
    end_minute: EndMinute


class TimeBlockListQuery(PageQuery):
    """GET /time-blocks. The filters combine with AND; all bounds are inclusive."""

    date: Day | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    task_id: Identifier | None = None
    unassigned_only: Flag = False
    start_time_from: Instant | None = None
    start_time_to: Instant | None = None

    @model_validator(mode="before")
    @classmethod
    def _whole_days(cls, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"limit": ROWS_OF_DAYS, **parameters} if _DAY_FILTERS & parameters.keys() else parameters

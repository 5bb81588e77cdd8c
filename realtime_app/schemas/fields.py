"""What all bodies and queries share: camelCase names, kinds of text and numbers, and errors written for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError

from realtime_app.errors import ValidationFailed

MAX_INTEGER = 2**31 - 1

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_NO_IDENTIFIER = "must be a UUID"

ABSENT: Any = None
"""The default of a field that may be left out but not be null. It is never read: `model_fields_set` tells."""


class Body(BaseModel):
    """A JSON body. Unknown fields are ignored; `model_fields_set` tells absent from null."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class ChangesBody(Body):
    """The body of a PATCH."""

    def changes(self) -> dict[str, Any]:
        """What was sent, null included, and nothing else."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Query(BaseModel):
    """Query parameters: text that is read as numbers, booleans and dates. Unknown parameters are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", "{message}", {"message": message})


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise _wrong("must not contain the character U+0000")
    return value


def _day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _wrong("is not a day of the calendar") from None
    raise _wrong("must be a date like 2026-11-23")


def _minute_of_day(value: object) -> int:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,2}):(\d{2})", value, re.ASCII)):
        hour, minute = int(match[1]), int(match[2])
        if minute < 60 and hour * 60 + minute <= 1440:
            return hour * 60 + minute
    raise _wrong("must be a time like 09:00, from 00:00 to 24:00")


def _instant(value: object) -> datetime:
    if isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", value, re.ASCII):
        try:
            moment = datetime.fromisoformat(value.replace("z", "Z").replace("t", "T"))
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC)
                return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        except (ValueError, OverflowError):
            pass
    raise _wrong("must be an instant with an offset like 2026-11-23T09:00:00.000Z")


def _day_or_instant(value: object) -> date | datetime:
    return _day(value) if isinstance(value, str) and len(value) == len("2026-11-23") else _instant(value)


def _identifier(value: object) -> str:
    if isinstance(value, str) and _UUID.fullmatch(value):
        return value.lower()
    raise _wrong(_NO_IDENTIFIER)


def _flag(value: object) -> bool:
    if value in ("true", "false"):
        return value == "true"
    raise _wrong("must be true or false")


def _digits(value: object) -> object:
    """Pydantic reads more as a number: `1_000`, ` 7`, `1.0`."""
    if isinstance(value, str) and not re.fullmatch(r"-?\d+", value, re.ASCII):
        raise _wrong("must be a whole number")
    return value


Text = Annotated[StrictStr, AfterValidator(_without_nul)]
Day = Annotated[date, BeforeValidator(_day)]
MinuteOfDay = Annotated[int, BeforeValidator(_minute_of_day)]
"""`HH:MM` of the wire as minutes since midnight, 0 to 1440; `9:00` is accepted."""
Instant = Annotated[datetime, BeforeValidator(_instant)]
"""Aware, UTC, whole milliseconds."""
DayOrInstant = Annotated[date | datetime, BeforeValidator(_day_or_instant)]
Identifier = Annotated[str, BeforeValidator(_identifier)]
Flag = Annotated[bool, BeforeValidator(_flag)]
"""A boolean of the query string."""
Number = Annotated[int, BeforeValidator(_digits)]
"""A whole number of the query string."""
Count = Annotated[StrictInt, Field(ge=0, le=MAX_INTEGER)]


class PageQuery(Query):
    page: Annotated[Number, Field(ge=1, le=MAX_INTEGER)] = 1
    limit: Annotated[Number, Field(ge=1, le=500)] = 50

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit


Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], data: Mapping[str, Any]) -> Model:
    """Raises ValidationFailed that names every wrong field and why."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ValidationFailed(_reasons(error.errors(include_url=False, include_context=True))) from None


def wrong_identifiers(values: Mapping[str, str]) -> dict[str, list[str]]:
    """Of ids by field, the reasons against those that are none."""
    return {field: [_NO_IDENTIFIER] for field, value in values.items() if not _UUID.fullmatch(value)}


def _reasons(details: Iterable[ErrorDetails]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for detail in details:
        field = ".".join(str(part) for part in detail["loc"]) or "body"
        errors.setdefault(field, []).append(_reason(detail))
    return errors


_REASONS = {
    "missing": "is required",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": f"at most {MAX_INTEGER}",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} items",
    "too_long": "at most {max_length} items",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
}


def _reason(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind in ("too_short", "too_long") and isinstance(detail["input"], str):
        kind = f"string_{kind}"  # what pydantic leaves out for a text that has validators of its own
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "must not be empty"
    template = _REASONS.get(kind)
    return template.format(**context) if template else detail["msg"]

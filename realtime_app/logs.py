"""The log: one line per record, for people or as JSON, that never shows a credential or a user's text.

Exceptions are written as types and frames, without their messages: those hold what users typed.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

import orjson

from realtime_app.core.events import wire_instant

OWN_LOGGERS = ("realtime_app", "handlers")

_MOST_FRAMES = 40
_MOST_CAUSES = 8

# Theirs, not ours: what they put into a message (a request, a task, a callback) may hold anything.
_DISTRUSTED = ("tornado", "asyncio", "concurrent", "py.warnings")
_CONVERSION = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z]")

_CREDENTIALS = re.compile(
    r"eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"  # a JWT
    r"|os_[0-9a-fA-F]{8,}"  # an API key
    r"|\$argon2\S+"  # a password's hash
    r"|(?<=://)[^/\s@]+(?=@)"  # user and password of a URL
    r"|(?<=\?)\S*=\S*"  # a query string
)


def configure_logs(log_format: Literal["text", "json"], level: str, stream: TextIO | None = None) -> None:
    """Sends every record of the process to `stream` (stderr). Other libraries speak up from WARNING on only."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level.upper())


def log_event(logger: logging.Logger, message: str, **fields: Any) -> None:
    """One line at INFO with named values; those that are None are left out."""
    logger.info(message, extra=with_fields(**fields))


def with_fields(**fields: Any) -> dict[str, Any]:
    """The `extra` of a log call: values that stand beside the message."""
    return {"fields": {name: value for name, value in fields.items() if value is not None}}


class TextFormatter(logging.Formatter):
    """`2026-11-23T09:00:00.000Z INFO  GET /tasks 200 ms=3.1 …`, the frames of an exception indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_printable(value)}" for name, value in _fields(record).items())
        line = f"{_instant(record)} {record.levelname:<7} {_printable(message_of(record))}{fields}"
        for error in exceptions_of(record):
            line += "".join([f"\n    {error['type']}", *(f"\n        {frame}" for frame in error["frames"])])
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the named values, exceptions with their frames."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": _instant(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            **_fields(record),
        }
        if errors := list(exceptions_of(record)):
            entry["exceptions"] = errors
        return orjson.dumps(entry, default=str).decode()


def message_of(record: logging.LogRecord) -> str:
    """The message without credentials; of a distrusted library only its first line, with the values left out."""
    if record.name.split(".")[0] in _DISTRUSTED or record.name in _DISTRUSTED:
        return _CREDENTIALS.sub("…", _CONVERSION.sub("…", str(record.msg)).partition("\n")[0])
    return _CREDENTIALS.sub("…", record.getMessage())


def exceptions_of(record: logging.LogRecord) -> Iterator[dict[str, Any]]:
    """The exception of the record, then what caused it, each as its type and its frames, the innermost last."""
    error = record.exc_info[1] if record.exc_info else None
    for _ in range(_MOST_CAUSES):
        if error is None:
            return
        yield {"type": _type_name(error), "frames": _frames(error)}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-3:])


def _type_name(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, BaseExceptionGroup):
        name += f" of {', '.join(sorted({type(part).__name__ for part in error.exceptions}))}"
    return name


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = getattr(record, "fields", {})
    return fields


def _instant(record: logging.LogRecord) -> str:
    return wire_instant(datetime.fromtimestamp(record.created, UTC))


def _printable(value: object) -> str:
    """One line: a line break in a value must not begin a record of its own."""
    text = str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode()

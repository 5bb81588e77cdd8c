"""The log: its two shapes, and what must never be in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from realtime_app.errors import DatabaseUnavailable
from realtime_app.logs import configure_logs, log_event, with_fields
from realtime_app.store.engine import Database
from tests.logging_state import logging_kept

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
KEY = "os_0123456789abcdef0123456789abcdef"
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"

own = logging.getLogger("realtime_app.test")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    with logging_kept():
        yield


def written(log_format: Literal["text", "json"] = "text", level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    configure_logs(log_format, level, stream)
    return stream


def entry(stream: io.StringIO) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(stream.getvalue())
    return parsed


def test_a_person_reads_one_line_with_named_values() -> None:
    stream = written()
    log_event(own, "GET /tasks 200", ms=3.1, user=None, request="abc")
    line = stream.getvalue()
    assert line.endswith("Z INFO    GET /tasks 200 ms=3.1 request=abc\n")


def test_a_machine_reads_one_object() -> None:
    stream = written("json")
    log_event(own, "GET /tasks 200", ms=3.1)
    found = entry(stream)
    assert found.pop("time").endswith("Z")
    assert found == {"level": "info", "logger": "realtime_app.test", "message": "GET /tasks 200", "ms": 3.1}


def test_a_line_break_in_a_value_begins_no_line_of_its_own() -> None:
    stream = written()
    log_event(own, "GET /a\n2026-11-23 forged", user="x\r\ny")
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_exception_is_its_type_and_frames_with_its_causes_and_without_messages(
    log_format: Literal["text", "json"],
) -> None:
    stream = written(log_format)
    try:
        try:
            raise KeyError("hunter2")
        except KeyError as cause:
            raise ValueError("secret title") from cause
    except ValueError:
        own.exception("it failed", extra=with_fields(request="abc"))
    line = stream.getvalue()
    assert "ValueError" in line
    assert "KeyError" in line
    assert "test_logs.py:" in line
    assert "abc" in line
    assert "hunter2" not in line
    assert "secret title" not in line


def test_the_parts_of_a_group_are_named() -> None:
    stream = written("json")
    own.error("it failed", exc_info=ExceptionGroup("secret", [KeyError("a"), OSError("b")]))
    assert entry(stream)["exceptions"][0]["type"] == "ExceptionGroup of KeyError, OSError"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (f"bearer {JWT} refused", "bearer … refused"),
        (f"key {KEY} refused", "key … refused"),
        (f"hash {HASH} is old", "hash … is old"),
        ("GET /ws?token=abc&since=1 101", "GET /ws?… 101"),
        ("link to redis://user:hunter2@host:6379/0 lost", "link to redis://…@host:6379/0 lost"),
    ],
)
def test_credentials_are_struck_out_of_every_message(message: str, shown: str) -> None:
    stream = written("json")
    own.warning("%s", message)
    assert entry(stream)["message"] == shown


def test_of_other_libraries_the_values_are_left_out() -> None:
    stream = written()
    request = HTTPServerRequest(
        headers=HTTPHeaders({"Host": "x", "Authorization": f"Bearer {JWT}"}),
        start_line=RequestStartLine("GET", f"/ws?token={JWT}", "HTTP/1.1"),
    )
    logging.getLogger("tornado.application").error("Uncaught exception %s\n%r", "GET /ws?token=abc", request)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task title='secret'>")
    assert [line.split("ERROR   ")[1] for line in stream.getvalue().splitlines()] == [
        "Uncaught exception …",
        "Task exception was never retrieved",
    ]


def test_other_libraries_speak_up_from_warning_on_only() -> None:
    stream = written(level="debug")
    logging.getLogger("aiosqlite").debug("executing INSERT ('secret')")
    logging.getLogger("tornado.general").info("Malformed HTTP message from %s: %s", "a", "b")
    own.debug("ours")
    assert stream.getvalue().count("\n") == 1


def test_the_level_is_kept() -> None:
    stream = written(level="warning")
    own.info("quiet")
    own.warning("loud")
    assert "quiet" not in stream.getvalue()
    assert "loud" in stream.getvalue()


@pytest.mark.gen_test
async def test_an_error_of_the_database_shows_no_value_that_was_sent(database: Database) -> None:
    stream = written(level="debug")
    for statement in ("SELECT no_such_column, :value FROM users", "INSERT INTO nowhere VALUES (:value)"):
        try:
            async with database.writing() as connection:
                await connection.execute(text(statement), {"value": "secret title"})
        except (DBAPIError, DatabaseUnavailable):
            own.exception("it failed")
    assert stream.getvalue().count("it failed") == 2
    assert "secret title" not in stream.getvalue()

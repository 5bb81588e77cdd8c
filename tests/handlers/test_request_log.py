"""What the log says of requests, and what it keeps to itself whatever goes wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from handlers.base import ApiHandler
from realtime_app.logs import configure_logs
from realtime_app.store.engine import Connection
from tests.app import PASSWORD, RunningApp
from tests.logging_state import logging_kept


class LogStream(io.StringIO):
    """The log of the process, as JSON lines."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log_stream() -> Iterator[LogStream]:
    with logging_kept():
        stream = LogStream()
        configure_logs("json", "debug", stream)
        yield stream


@pytest.mark.gen_test
async def test_each_request_is_one_line_without_its_query(app: RunningApp, log_stream: LogStream) -> None:
    account = await app.register()
    await app.get("/tasks?search=secret", token=account.token, headers={"X-Request-Id": "abc"})
    line = log_stream.lines[-1]
    assert line.pop("time")
    assert line.pop("ms") >= 0
    assert line.pop("bytes") > 0
    assert line == {
        "level": "info",
        "logger": "handlers.request_log",
        "message": "GET /tasks 200",
        "request": "abc",
        "user": account.id,
        "address": "127.0.0.1",
    }


@pytest.mark.gen_test
async def test_the_address_is_the_client_s_own_only_behind_a_trusted_proxy(
    app: RunningApp, log_stream: LogStream
) -> None:
    await app.get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert log_stream.lines[-1]["address"] == "127.0.0.1"


async def fail_in_the_database(connection: Connection, _user_id: str, *_: Any) -> None:
    await connection.execute(
        text("INSERT INTO users (id, email) VALUES (:id, :email)"), {"id": str(uuid4()), "email": "Secret"}
    )


@pytest.mark.gen_test
async def test_nothing_that_a_user_typed_gets_into_the_log_whatever_fails(
    app: RunningApp, log_stream: LogStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await app.register(email="secret@example.org")
    key = await app.create_key(account, "tasks:read", name="Secret key")
    secrets = ["secret@", "Secret", PASSWORD, account.token, account.token.split(".")[2], key, "argon2"]

    await app.post("/auth/login", json={"email": "secret@example.org", "password": "Secret-Pass-1"})
    await app.post("/auth/register", json={"email": "secret@example.org", "password": PASSWORD})
    await app.post("/auth/register", json={"email": "Secret", "password": "Secret"})
    await app.post("/auth/login", body=b'{"Secret')
    await app.get("/tasks", token="Secret" + account.token)
    await app.get("/tasks?search=Secret", key=key)
    await app.post("/tasks", json={"title": "Secret"}, token=account.token)
    await app.post("/tasks", json={"title": "Secret", "priority": "Secret"}, token=account.token)
    await app.get(f"/nowhere?token={account.token}")
    await talk(app, f"/ws?token={account.token}")
    await talk(app, f"/ws?token={account.token}x")

    async def read(handler: ApiHandler, *_: Any) -> None:
        await handler.transact(fail_in_the_database)

    with monkeypatch.context() as broken:
        broken.setattr(ApiHandler, "read", read)
        assert (await app.get("/tasks?search=Secret", token=account.token)).status == 500

    def explode(*_: Any) -> None:
        raise ValueError(f"Secret {account.token}")

    with monkeypatch.context() as broken:
        broken.setattr(ApiHandler, "body", explode)
        assert (await app.post("/tasks", json={"title": "Secret"}, token=account.token)).status == 500

    written = log_stream.getvalue()
    assert [line["level"] for line in log_stream.lines].count("error") == 2
    assert "IntegrityError" in written
    assert "ValueError" in written
    assert [secret for secret in secrets if secret in written] == []


async def talk(app: RunningApp, path: str) -> None:
    """Opens a socket, has the server answer once, and closes it."""
    url = app.url.replace("http", "ws") + path
    try:
        socket = await websocket_connect(HTTPRequest(url))
    except HTTPClientError:
        return
    await socket.read_message()
    socket.close()

"""The limits of a connection, and the addresses that a server shows."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from tornado.ioloop import IOLoop

from realtime_app import http_server
from realtime_app.http_server import MAX_HEADER_BYTES, HttpServer
from realtime_app.process.listener import bind_tcp, bind_unix
from realtime_app.store.models import tasks
from tests.app import RunningApp, given_settings
from tests.raw_http import RawClient


@pytest.fixture
def app(io_loop: IOLoop, tmp_path: Path) -> Iterator[RunningApp]:
    running = RunningApp(given_settings(tmp_path))
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.close)


@pytest.mark.gen_test
async def test_endless_headers_end_the_connection(app: RunningApp) -> None:
    async with await RawClient.to(app.port) as client:
        await client.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * MAX_HEADER_BYTES)
        assert await client.is_closed()
    assert (await app.get("/healthz")).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("sent", [b"", b"GET /ws HTTP/1.1\r\nHost: x\r\n"])
async def test_who_does_not_ask_in_time_is_cut_off(
    io_loop: IOLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(http_server, "FIRST_REQUEST_SECONDS", 0.1)
    app = RunningApp(given_settings(tmp_path))
    await app.start()
    async with await RawClient.to(app.port) as client:
        await client.send(sent)
        assert await client.is_closed()
    await app.close()


@pytest.mark.gen_test
async def test_who_has_asked_once_may_be_idle_for_longer(
    io_loop: IOLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "FIRST_REQUEST_SECONDS", 0.1)
    app = RunningApp(given_settings(tmp_path))
    await app.start()
    async with await RawClient.to(app.port) as idle:
        await idle.request("GET", "/healthz")
        assert (await idle.answer()).status == 200
        for _ in range(2):  # one after the other: twice the time that a first request has
            async with await RawClient.to(app.port) as silent:
                assert await silent.is_closed()
        await idle.request("GET", "/healthz")
        assert (await idle.answer()).status == 200
    await app.close()


@pytest.mark.gen_test
async def test_an_answer_that_nobody_takes_is_given_up(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "UNREAD_SECONDS", 0.5)
    server = HttpServer(app.application, bind_tcp("127.0.0.1", 0))
    await server.start()
    token = await with_ten_megabytes_of_notes(app)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", int(server.address.rpartition(":")[2])))
        client.setblocking(False)
        client.send(f"GET /tasks?limit=500 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        await asyncio.get_running_loop().sock_recv(client, 1)
        async with asyncio.timeout(5):
            await server.wait_until_deserted()
    await server.close()


async def with_ten_megabytes_of_notes(app: RunningApp) -> str:
    """The token of somebody with so large a page of tasks, more than the kernel keeps for a connection."""
    account = await app.register()
    task = (await app.post("/tasks", json={"title": "Write", "notes": "x" * 20_000}, token=account.token)).data
    async with app.application.database.writing() as connection:
        row = (await connection.execute(select(tasks).where(tasks.c.id == task["id"]))).one()._asdict()
        await connection.execute(insert(tasks), [row | {"id": str(uuid4())} for _ in range(500)])
    return account.token


@pytest.mark.gen_test
async def test_what_is_no_http_ends_the_connection(app: RunningApp) -> None:
    async with await RawClient.to(app.port) as client:
        await client.send(b"\x16\x03\x01 hello \r\n\r\n")
        assert await client.is_closed()


@pytest.mark.gen_test
async def test_requests_of_one_connection_are_answered_in_order(app: RunningApp) -> None:
    async with await RawClient.to(app.port) as client:
        for number in range(5):
            await client.request("GET", "/healthz", f"X-Request-Id: {number}\r\n")
        answers = [await client.answer() for _ in range(5)]
    assert [answer.headers["x-request-id"] for answer in answers] == ["0", "1", "2", "3", "4"]


@pytest.mark.gen_test
async def test_the_addresses_are_shown_as_one_types_them(app: RunningApp, tmp_path: Path) -> None:
    v6 = HttpServer(app.application, bind_tcp("::1", 0))
    unix = HttpServer(app.application, [bind_unix(tmp_path / "planner.sock")])
    assert v6.address.startswith("http://[::1]:")
    assert unix.address == f"unix:{tmp_path}/planner.sock"
    await v6.close()
    await unix.close()

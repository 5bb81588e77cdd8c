"""A whole process: started, stopped, and what becomes of those who are inside when it stops."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.raw_http import RawClient
from tests.servers.planner_process import PlannerProcess, run_command

DRAIN_SECONDS = 4.0


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """With a migrated database where the server looks for it."""
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "realtime.db")
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[PlannerProcess]:
    server = PlannerProcess(folder)
    server.start()
    yield server
    server.close()


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "planner.sock"


@pytest.fixture
def unix_server(folder: Path, socket_path: Path) -> Iterator[PlannerProcess]:
    server = PlannerProcess(folder, "--unix-socket", str(socket_path))
    server.start()
    yield server
    server.close()


async def exit_code(server: PlannerProcess, seconds: float = DRAIN_SECONDS) -> int:
    """Of a process that ends within `seconds`."""
    return await asyncio.to_thread(server.process.wait, seconds)


async def is_refused(port: int) -> bool:
    try:
        async with await RawClient.to(port):
            return False
    except ConnectionError:
        return True


async def door_is_closed(port: int) -> None:
    async with asyncio.timeout(DRAIN_SECONDS):
        while not await is_refused(port):
            pass


@pytest.mark.gen_test
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_without_clients_ends_at_once_with_0(server: PlannerProcess, number: signal.Signals) -> None:
    async with await RawClient.to(server.port) as client:
        await client.request("GET", "/healthz", "Connection: close\r\n")
        assert (await client.answer()).status == 200
    server.process.send_signal(number)
    assert await exit_code(server, DRAIN_SECONDS / 2) == 0
    assert '"message":"stopped"' in server.process.output


@pytest.mark.gen_test
async def test_a_kept_connection_is_served_once_more_and_told_to_close(server: PlannerProcess) -> None:
    async with await RawClient.to(server.port) as client:
        await client.request("GET", "/healthz")
        assert "connection" not in (await client.answer()).headers
        port = server.port
        server.process.send_signal(signal.SIGTERM)
        await door_is_closed(port)
        await client.request("GET", "/readyz")
        answer = await client.answer()
        assert (answer.status, answer.headers["connection"]) == (503, "close")
        assert b"draining" in answer.body
        assert await client.is_closed()
    assert await exit_code(server, DRAIN_SECONDS / 2) == 0


@pytest.mark.gen_test
async def test_a_request_in_progress_is_answered(server: PlannerProcess) -> None:
    async with await RawClient.to(server.port) as client:
        await client.request("POST", "/auth/login", "Content-Length: 4\r\n")
        await client.send(b"{ ")
        port = server.port
        server.process.send_signal(signal.SIGTERM)
        await door_is_closed(port)
        await client.send(b" }")
        answer = await client.answer()
        assert (answer.status, answer.error_code) == (400, "VALIDATION_ERROR")
    assert await exit_code(server) == 0


@pytest.mark.gen_test
async def test_idle_connections_do_not_keep_a_process_beyond_its_drain(server: PlannerProcess) -> None:
    async with await RawClient.to(server.port) as client:
        await client.request("GET", "/healthz")
        await client.answer()
        server.process.send_signal(signal.SIGTERM)
        assert await client.is_closed()
        assert await exit_code(server) == 0


@pytest.mark.gen_test
async def test_who_waits_in_the_backlog_is_still_served(server: PlannerProcess) -> None:
    # While the process is stopped, only the kernel takes connections: all of these wait in the backlog.
    os.kill(server.process.pid, signal.SIGSTOP)
    async with AsyncExitStack() as inside:
        clients = [await inside.enter_async_context(await RawClient.to(server.port)) for _ in range(300)]
        for client in clients:
            await client.request("GET", "/healthz")
        server.process.send_signal(signal.SIGTERM)
        os.kill(server.process.pid, signal.SIGCONT)
        answers = [await client.answer() for client in clients]
    assert {answer.status for answer in answers} == {200}
    assert answers[-1].headers["connection"] == "close"
    assert await exit_code(server) == 0


@pytest.mark.gen_test
async def test_websockets_are_closed_with_1012(server: PlannerProcess) -> None:
    async with await RawClient.to(server.port) as client:
        body = b'{"email": "a@example.org", "password": "Correct-Horse-7"}'
        await client.request("POST", "/auth/register", "Content-Type: application/json\r\n", body)
        token = (await client.answer()).json["data"]["token"]
    browser = await websocket_connect(HTTPRequest(f"ws://127.0.0.1:{server.port}/ws?token={token}"))
    assert b"connected" in (await browser.read_message() or "").encode()
    server.process.send_signal(signal.SIGTERM)
    assert await browser.read_message() is None
    assert browser.close_code == 1012
    browser.close()
    assert await exit_code(server) == 0


@pytest.mark.gen_test
async def test_a_second_signal_ends_the_process_on_the_spot(server: PlannerProcess) -> None:
    async with await RawClient.to(server.port):
        port = server.port
        server.process.send_signal(signal.SIGTERM)
        await door_is_closed(port)
        server.process.send_signal(signal.SIGTERM)
        assert await exit_code(server, 1.0) == -signal.SIGTERM


@pytest.mark.gen_test
async def test_a_unix_socket_serves_and_is_gone_after_the_stop(unix_server: PlannerProcess, socket_path: Path) -> None:
    assert stat.S_IMODE(socket_path.stat().st_mode) == 0o660
    async with await RawClient.to_unix(socket_path) as client:
        await client.request("GET", "/healthz", "X-Forwarded-For: 203.0.113.9\r\n")
        assert (await client.answer()).status == 200
        unix_server.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(unix_server.process.wait_until, lambda: not socket_path.exists())
        await client.request("GET", "/healthz")
        assert (await client.answer()).headers["connection"] == "close"
    assert await exit_code(unix_server) == 0
    assert '"address":"203.0.113.9"' in unix_server.process.output


@pytest.mark.gen_test
async def test_a_socket_left_by_a_killed_process_is_replaced(unix_server: PlannerProcess, socket_path: Path) -> None:
    unix_server.process.kill()
    assert socket_path.exists()
    unix_server.start()
    async with await RawClient.to_unix(socket_path) as client:
        await client.request("GET", "/healthz")
        assert (await client.answer()).status == 200


def test_a_taken_port_is_said_in_one_line(server: PlannerProcess, folder: Path) -> None:
    ended = run_command(folder, "serve", "--port", str(server.port))
    assert ended.code == 6
    assert f"can't listen on 127.0.0.1:{server.port}: Address already in use" in ended.errors


def test_a_second_process_on_the_same_file_is_refused(server: PlannerProcess, folder: Path) -> None:
    ended = run_command(folder, "serve", "--port", "0", **server.settings)
    assert ended.code == 6
    assert ended.errors.startswith("Error: another process serves this database")


def test_an_unmigrated_database_is_said_in_one_line(tmp_path: Path) -> None:
    ended = run_command(tmp_path, "serve", "--port", "0", REDIS_URL="memory://")
    assert (ended.code, ended.errors) == (
        4,
        "Error: the database's schema is out of date: run realtime-app migrate\n",
    )


@pytest.mark.gen_test
async def test_a_process_starts_without_its_database_and_says_so(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql+asyncpg://u:p@127.0.0.1:{nobody.getsockname()[1]}/planner"
        server = PlannerProcess(tmp_path, DATABASE_URL=url, JWT_SECRET="x" * 32)
        server.start()
        try:
            async with await RawClient.to(server.port) as client:
                await client.request("GET", "/readyz")
                answer = await client.answer()
                assert answer.status == 503
                assert b'"database":"down"' in answer.body
                await client.request("POST", "/auth/login", body=b'{"email": "a@b.co", "password": "x"}')
                assert (await client.answer()).error_code == "SERVICE_UNAVAILABLE"
            assert server.process.output.count("database unavailable") == 1
            server.process.send_signal(signal.SIGTERM)
            assert await exit_code(server) == 0
        finally:
            server.close()

"""Where a process listens, by its command line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from realtime_app.supervision.address import Address, AddressMissing
from tests.servers.ports import free_port

SECONDS = 0.2


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("/opt/x/bin/realtime-app serve --unix-socket /run/x/0.sock", Address(unix_socket="/run/x/0.sock")),
        ("realtime-app serve --unix-socket='/run/with space/0.sock'", Address(unix_socket="/run/with space/0.sock")),
        ("env A=b realtime-app serve --host ::1 --port 3001", Address(port=3001)),
    ],
)
def test_command_line_tells_the_address(command: str, address: Address) -> None:
    assert Address.of_command(command) == address


@pytest.mark.parametrize("command", ["redis-server /etc/redis.conf", "x serve --port", "x serve --port %(port)s"])
def test_command_line_without_an_address_is_refused(command: str) -> None:
    with pytest.raises(AddressMissing):
        Address.of_command(command)


@pytest.mark.gen_test
async def test_status_is_the_answers_own(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        assert request.startswith(b"GET /readyz ")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    path = tmp_path / "0.sock"
    async with await asyncio.start_unix_server(answer, path):
        status = await asyncio.to_thread(Address(unix_socket=str(path)).status_of, "/readyz", 5.0)
    assert status == 503


def test_there_is_no_status_when_nobody_listens(tmp_path: Path) -> None:
    assert Address(unix_socket=str(tmp_path / "none.sock")).status_of("/healthz", SECONDS) is None
    assert Address(port=free_port()).status_of("/healthz", SECONDS) is None


@pytest.mark.gen_test
async def test_there_is_no_status_when_the_answer_takes_too_long(tmp_path: Path) -> None:
    path, asked = tmp_path / "0.sock", asyncio.Event()

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(keep_silent, path):
        assert await asyncio.to_thread(Address(unix_socket=str(path)).status_of, "/healthz", SECONDS) is None
        assert asked.is_set()

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop

from realtime_app.realtime.socket_poller import SOCKETS_PER_TURN, SocketPoller
from tests.core import client_frames
from tests.realtime.peers import RecordingOwner, unix_pair, until


@pytest.fixture
def ends() -> Iterator[list[socket.socket]]:
    """Client ends, closed after the test."""
    ends: list[socket.socket] = []
    yield ends
    for end in ends:
        end.close()


def connect(poller: SocketPoller, ends: list[socket.socket]) -> tuple[RecordingOwner, socket.socket]:
    server_end, client_end = unix_pair()
    ends.append(client_end)
    owner = RecordingOwner()
    lean = poller.adopt(server_end)
    lean.attach(owner)
    lean.start_reading()
    return owner, client_end


@pytest.mark.gen_test
async def test_a_late_event_of_a_closed_socket_does_not_reach_the_next_owner_of_its_descriptor(poller, ends):
    first, first_end = connect(poller, ends)
    server_end, second_end = unix_pair()
    second, descriptor = poller.adopt(server_end), server_end.fileno()
    spare_end, spare_client_end = unix_pair()
    ends.extend([spare_end, spare_client_end])
    successors = []

    def replace_the_second(_text: str) -> None:
        if successors:
            return
        second.abort()
        os.dup2(spare_end.fileno(), descriptor, inheritable=False)
        successors.append(poller.adopt(socket.socket(fileno=descriptor)))

    first.react = replace_the_second
    # Both events wait in one batch, in this order: a text, and a line that broke.
    first_end.sendall(client_frames.text("now"))
    second_end.close()
    await first.wait_for("text", "now")
    first_end.sendall(client_frames.text("a turn later"))
    await first.wait_for("text", "a turn later")
    assert successors[0].fileno() == descriptor
    assert successors[0].is_open


@pytest.mark.gen_test
async def test_a_busy_socket_makes_nobody_wait_for_its_end(poller, ends):
    busy, busy_end = connect(poller, ends)
    quiet, quiet_end = connect(poller, ends)
    count = 5000
    busy_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    busy_end.setblocking(False)
    busy_end.sendall(client_frames.text("busy") * count)
    quiet_end.sendall(client_frames.text("quiet"))
    await quiet.wait_for("text", "quiet")
    assert len(busy.heard) < count
    await until(lambda: len(busy.heard) == count)


@pytest.mark.gen_test
async def test_the_loop_goes_on_when_more_sockets_speak_than_a_turn_serves(poller, ends):
    connected = [connect(poller, ends) for _ in range(SOCKETS_PER_TURN + 50)]
    for _, end in connected:
        end.sendall(client_frames.text("all at once"))
    served_in_turns = []
    while not all(owner.heard for owner, _ in connected):
        await asyncio.sleep(0)
        served_in_turns.append(sum(bool(owner.heard) for owner, _ in connected))
    assert SOCKETS_PER_TURN in served_in_turns


@pytest.mark.gen_test
async def test_what_has_arrived_is_read_at_once_when_asked_to(poller, ends):
    owner, end = connect(poller, ends)
    end.sendall(client_frames.pong())
    poller.read_arrived()
    assert owner.heard == [("pong",)]


@pytest.mark.gen_test
@pytest.mark.expected_logs("a socket failed.*RuntimeError")
async def test_a_failing_socket_is_dropped_and_the_others_are_served(poller, ends, monkeypatch):
    _, failing_end = connect(poller, ends)
    owner, end = connect(poller, ends)
    failing = next(lean for lean in poller._sockets if lean is not None)

    def fail(self: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(failing), "_read", lambda lean: fail(lean) if lean is failing else lean._read_unread())
    failing_end.sendall(b"x")
    end.sendall(client_frames.text("served"))
    await until(lambda: not failing.is_open)
    monkeypatch.undo()
    await owner.wait_for("text", "served")


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_closing_the_poller_ends_every_socket_and_releases_its_descriptors(io_loop):
    async def run() -> None:
        poller = SocketPoller(output_limit_bytes=1024 * 1024)
        before = open_descriptors()
        await poller.start()
        ends: list[socket.socket] = []
        owner, _ = connect(poller, ends)
        lingering_server_end, lingering_end = unix_pair()
        ends.append(lingering_end)
        poller.adopt(lingering_server_end).close(1012)
        await poller.close()
        await owner.wait_closed()
        assert len(poller) == 0
        for end in ends:
            end.close()
        assert open_descriptors() == before

    io_loop.run_sync(run)


def test_a_socket_that_comes_after_the_close_is_released(io_loop):
    async def run() -> None:
        poller = SocketPoller(output_limit_bytes=1024 * 1024)
        await poller.start()
        await poller.close()
        server_end, client_end = unix_pair()
        with pytest.raises(ValueError, match="closed epoll"):
            poller.adopt(server_end)
        assert server_end.fileno() == -1
        client_end.close()

    io_loop.run_sync(run)


def test_it_works_on_uvloop_as_well():
    async def run() -> None:
        poller = SocketPoller(output_limit_bytes=1024 * 1024)
        await poller.start()
        ends: list[socket.socket] = []
        owner, end = connect(poller, ends)
        end.sendall(client_frames.text("hello"))
        await owner.wait_for("text", "hello")
        end.close()
        await owner.wait_closed()
        await poller.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets
from tornado.tcpserver import TCPServer

from realtime_app.core.frames import text_frame
from realtime_app.realtime.tornado_socket import PART_BYTES, TornadoSocket
from tests.core import client_frames
from tests.realtime.peers import FrameClient, RecordingOwner, until
from tests.realtime.tls import server_context

LIMIT_BYTES = 256 * 1024

Connected = tuple[TornadoSocket, RecordingOwner, FrameClient]
Connect = Callable[[], Awaitable[Connected]]


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    folder: Path = tmp_path_factory.mktemp("tls")
    return server_context(folder)


@pytest.fixture
def connect(io_loop: IOLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Connect]:
    """Real TLS over loopback: the server's end as a TornadoSocket, not yet reading."""
    server_side, client_side = contexts
    clients: list[FrameClient] = []

    async def connect() -> Connected:
        accepted: asyncio.Future[IOStream] = asyncio.get_running_loop().create_future()

        class Server(TCPServer):
            async def handle_stream(self, stream: IOStream, address: tuple[str, int]) -> None:
                accepted.set_result(stream)

        server = Server(ssl_options=server_side)
        listeners = bind_sockets(0, "127.0.0.1")
        server.add_sockets(listeners)
        port = listeners[0].getsockname()[1]
        client = FrameClient(*await asyncio.open_connection("localhost", port, ssl=client_side, limit=1024))
        clients.append(client)
        socket, owner = TornadoSocket(await accepted, LIMIT_BYTES), RecordingOwner()
        socket.attach(owner)
        server.stop()
        return socket, owner, client

    async def end(client: FrameClient) -> None:
        client.writer.transport.abort()
        with contextlib.suppress(OSError):
            await client.writer.wait_closed()

    yield connect
    for client in clients:
        io_loop.run_sync(lambda client=client: end(client))


@pytest.mark.gen_test
async def test_the_owner_hears_what_the_client_says_and_pings_are_answered(connect):
    socket, owner, client = await connect()
    socket.start_reading()
    client.send(
        client_frames.text("hello") + client_frames.ping(b"1") + client_frames.binary(b"2") + client_frames.pong()
    )
    await owner.wait_for("pong")
    assert owner.heard == [("text", "hello"), ("ping",), ("binary",), ("pong",)]
    assert await client.frame() == (0xA, b"1")
    client.hang_up()
    assert await owner.wait_closed() == (None, "")


@pytest.mark.gen_test
async def test_nothing_is_read_before_the_start_but_sending_works(connect):
    socket, owner, client = await connect()
    client.send(client_frames.text("early"))
    socket.send(text_frame(b"connected"))
    assert await client.text() == "connected"
    assert owner.heard == []
    socket.start_reading()
    await owner.wait_for("text", "early")


@pytest.mark.gen_test
async def test_frames_arrive_in_order_and_the_queue_drains_when_the_client_reads(connect):
    socket, _, client = await connect()
    socket.start_reading()
    count = 0
    while socket.queued_bytes < LIMIT_BYTES // 2:
        socket.send(text_frame(b"%d " % count + b"x" * 1000))
        count += 1
    progress = asyncio.create_task(socket.progress())
    assert [int((await client.text()).split()[0]) for _ in range(count)] == list(range(count))
    await progress
    await until(lambda: not socket.queued_bytes)


@pytest.mark.gen_test
async def test_a_client_that_passes_the_output_limit_is_closed_with_4008_behind_whole_frames(connect):
    socket, owner, client = await connect()
    socket.start_reading()
    while socket.is_open:
        socket.send(text_frame(b"x" * 1000) * 7)
    assert socket.queued_bytes < 2 * PART_BYTES, "the queue is released at once but for what is being written"
    assert await owner.wait_closed() == (4008, "too slow: unread output passed the limit")
    assert await last_frame(client) == (0x8, (4008).to_bytes(2) + b"too slow: unread output passed the limit")


@pytest.mark.gen_test
async def test_a_close_under_back_pressure_waits_for_no_queue_and_wakes_who_waits_for_progress(connect):
    socket, _, client = await connect()
    while socket.queued_bytes < LIMIT_BYTES // 2:
        socket.send(text_frame(b"x" * 1000))
    progress = asyncio.create_task(socket.progress())
    await asyncio.sleep(0)
    socket.close(1012)
    await asyncio.wait_for(progress, 1)
    assert socket.queued_bytes < 2 * PART_BYTES
    assert await last_frame(client) == (0x8, (1012).to_bytes(2))


@pytest.mark.gen_test
async def test_nobody_waits_for_the_progress_of_a_socket_whose_line_is_cut(connect):
    socket, _, _ = await connect()
    while not socket.queued_bytes:
        socket.send(text_frame(b"x" * 1000))
    progress = asyncio.create_task(socket.progress())
    await asyncio.sleep(0)
    socket.abort()
    await asyncio.wait_for(progress, 1)
    assert socket._stream.closed()


async def last_frame(client: FrameClient) -> tuple[int, bytes]:
    """The first that is no text; those before it have to be whole."""
    opcode, payload = await client.frame()
    while opcode == 0x1:
        assert payload == b"x" * 1000
        opcode, payload = await client.frame()
    return opcode, payload


@pytest.mark.gen_test
async def test_a_clients_close_is_echoed_and_ends_the_line(connect):
    socket, owner, client = await connect()
    socket.start_reading()
    client.send(client_frames.close(4999, "bye"))
    assert await client.close_code() == 4999
    assert await client.end() == b""
    assert await owner.wait_closed() == (4999, "bye")
    assert socket._stream.closed()


@pytest.mark.gen_test
async def test_our_close_waits_for_the_clients_also_before_the_start(connect):
    socket, owner, client = await connect()
    socket.close(4001, "bad token")
    assert await client.close_code() == 4001
    assert not socket._stream.closed()
    client.send(client_frames.close(4001))
    await until(socket._stream.closed)
    assert owner.heard == [("closed", 4001, "bad token")]


@pytest.mark.gen_test
async def test_a_client_that_never_answers_our_close_is_dropped_after_a_second(connect):
    socket, _, client = await connect()
    began_at = asyncio.get_running_loop().time()
    socket.close(1012)
    assert await client.close_code() == 1012
    await until(socket._stream.closed)
    assert 0.9 < asyncio.get_running_loop().time() - began_at < 2


@pytest.mark.gen_test
async def test_a_busy_client_does_not_starve_the_loop(connect):
    socket, owner, client = await connect()
    socket.start_reading()
    client.send(client_frames.text("busy") * 20_000)
    turns = 0
    await owner.wait_for("text", "busy")
    while len(owner.heard) < 20_000:
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets, bind_unix_socket
from tornado.web import Application
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from realtime_app.core.frames import text_frame
from realtime_app.realtime.client_socket import ClientSocket
from realtime_app.realtime.lean_socket import LeanSocket
from realtime_app.realtime.socket_poller import SocketPoller
from realtime_app.realtime.tornado_socket import TornadoSocket
from realtime_app.realtime.upgrade import DetachedWebSocketHandler
from tests.core import client_frames
from tests.realtime.peers import DEADLINE_SECONDS, FrameClient, RecordingOwner, until
from tests.realtime.tls import server_context

REQUEST = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class EchoOwner(RecordingOwner):
    def __init__(self, socket: ClientSocket) -> None:
        super().__init__()
        self.socket = socket
        socket.attach(self)

    def on_text(self, text: str) -> None:
        super().on_text(text)
        self.socket.send(text_frame(text.encode()))


class EchoHandler(DetachedWebSocketHandler):
    def initialize(self, site: Site) -> None:
        self.poller = site.poller
        self.site = site

    async def prepare(self) -> None:
        self.site.arrived.set()
        await self.site.may_upgrade.wait()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.site.left.set()

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "realtime.v1" if "realtime.v1" in subprotocols else None

    async def on_socket(self, socket: ClientSocket) -> None:
        self.site.tornados_objects += [
            weakref.ref(part) for part in (self, self.request, self.request.connection, self.request.server_connection)
        ]
        if self.site.failure is not None:
            raise self.site.failure
        owner = EchoOwner(socket)
        self.site.owners.append(owner)
        socket.start_reading()


class Site:
    """An HTTP server whose sockets echo."""

    def __init__(self, poller: SocketPoller, tls: ssl.SSLContext | None = None) -> None:
        self.poller = poller
        self.owners: list[EchoOwner] = []
        self.tornados_objects: list[weakref.ref[Any]] = []
        self.failure: Exception | None = None
        self.arrived, self.left, self.may_upgrade = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.may_upgrade.set()
        self.server = HTTPServer(Application([("/ws", EchoHandler, {"site": self})]), ssl_options=tls)

    def listen(self) -> int:
        sockets = bind_sockets(0, "127.0.0.1")
        self.server.add_sockets(sockets)
        return int(sockets[0].getsockname()[1])

    async def close(self) -> None:
        self.server.stop()
        await self.server.close_all_connections()


@pytest.fixture
def site(io_loop: IOLoop, poller: SocketPoller) -> Iterator[Site]:
    async def build() -> Site:
        return Site(poller)

    site = io_loop.run_sync(build)
    yield site
    io_loop.run_sync(site.close)


@pytest.fixture
def visit(site: Site) -> Callable[..., Any]:
    port = site.listen()

    @asynccontextmanager
    async def visit(**options: Any) -> AsyncIterator[ClientConnection]:
        async with connect(f"ws://127.0.0.1:{port}/ws", **options) as client:
            yield client

    return visit


@asynccontextmanager
async def raw_client(site: Site) -> AsyncIterator[FrameClient]:
    client = await FrameClient.on(socket.create_connection(("127.0.0.1", site.listen())))
    yield client
    client.hang_up()
    await client.writer.wait_closed()


@pytest.mark.gen_test
async def test_a_browsers_socket_is_upgraded_and_taken_out_of_tornado(site, visit):
    async with visit(subprotocols=[Subprotocol("bearer.x"), Subprotocol("realtime.v1")]) as client:
        assert client.subprotocol == "realtime.v1"
        await client.send("hello")
        assert await client.recv() == "hello"
        assert isinstance(site.owners[0].socket, LeanSocket)
        assert site.server._connections == set()
    assert await site.owners[0].wait_closed() == (1000, "")


@pytest.mark.gen_test
async def test_nothing_of_tornado_stays_with_an_open_connection_even_without_a_collector(site, visit):
    async with visit() as client:
        gc.collect()
        gc.disable()
        try:
            async with visit() as second:
                await second.send("hello")
                assert await second.recv() == "hello"
                assert len(site.tornados_objects) == 8
                await until(lambda: not any(reference() for reference in site.tornados_objects))
        finally:
            gc.enable()
        await client.send("still there")
        assert await client.recv() == "still there"


@pytest.mark.gen_test
async def test_small_frames_are_not_held_back_by_nagle(site, visit):
    async with visit():
        await until(lambda: site.owners)
        lean = site.owners[0].socket
        assert lean._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not lean._socket.getblocking()


@pytest.mark.gen_test
async def test_the_kernel_takes_little_of_what_a_client_does_not_read_and_soon_tells_of_progress(site):
    async with raw_client(site) as client:
        client.writer.transport.pause_reading()
        client.send(REQUEST)
        await until(lambda: site.owners)
        lean, frames, sent_bytes = site.owners[0].socket, text_frame(b"x" * 10_000), 0
        while not lean.queued_bytes:
            lean.send(frames)
            sent_bytes += len(frames)
        assert sent_bytes - lean.queued_bytes < 512 * 1024
        progress = asyncio.create_task(lean.progress())
        client.writer.transport.resume_reading()
        await client.reader.readexactly(128 * 1024)
        await asyncio.wait_for(progress, DEADLINE_SECONDS)


@pytest.mark.gen_test
async def test_a_unix_socket_is_upgraded_as_well(site, tmp_path):
    path = str(tmp_path / "http.sock")
    site.server.add_socket(bind_unix_socket(path))
    async with unix_connect(path, "ws://localhost/ws") as client:
        await client.send("hello")
        assert await client.recv() == "hello"


@pytest.mark.gen_test
async def test_a_hasty_clients_frames_are_not_lost(site):
    async with raw_client(site) as client:
        site.may_upgrade.clear()
        whole = client_frames.text("hasty") + client_frames.text("hastier")
        client.send(REQUEST + whole[:-3])
        await site.arrived.wait()
        client.send(whole[-3:])
        site.may_upgrade.set()
        assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert [await client.text(), await client.text()] == ["hasty", "hastier"]


@pytest.mark.gen_test
async def test_compression_is_not_negotiated_when_it_is_offered(visit):
    async with visit(compression="deflate") as client:
        assert client.response.headers.get("Sec-WebSocket-Extensions") is None


@pytest.mark.gen_test
@pytest.mark.expected_logs("403 GET /ws")
async def test_a_foreign_origin_is_refused_before_the_upgrade(site, visit):
    with pytest.raises(InvalidStatus) as refused:
        async with visit(origin=Origin("https://elsewhere.example")):
            pass
    assert refused.value.response.status_code == 403
    assert site.owners == []


@pytest.mark.gen_test
@pytest.mark.expected_logs("a new connection failed.*ValueError: on purpose")
async def test_a_handler_that_fails_is_logged_and_cuts_the_line(site, visit):
    site.failure = ValueError("on purpose")
    async with visit() as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
    assert len(site.poller) == 0
    assert site.server._connections == set()


@pytest.mark.gen_test
async def test_a_client_that_left_before_the_upgrade_leaves_nothing_behind(site):
    site.may_upgrade.clear()
    async with raw_client(site) as client:
        client.send(REQUEST)
        await site.arrived.wait()
        client.reset()
        await site.left.wait()
        site.may_upgrade.set()
        await until(lambda: not site.server._connections)
    assert len(site.poller) == 0


@pytest.mark.gen_test
async def test_a_tls_socket_stays_with_tornado_and_behaves_the_same(poller, tmp_path: Path):
    context, trust = server_context(tmp_path)
    site = Site(poller, context)
    async with connect(f"wss://localhost:{site.listen()}/ws", ssl=trust) as client:
        await client.send("hello")
        assert await client.recv() == "hello"
        assert isinstance(site.owners[0].socket, TornadoSocket)
        await until(lambda: not any(reference() for reference in site.tornados_objects))
    assert await site.owners[0].wait_closed() == (1000, "")
    await site.close()

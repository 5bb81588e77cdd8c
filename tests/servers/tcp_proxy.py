"""A TCP proxy on the test's own loop: lets connections hang or break, one by one or all at once."""

import asyncio
import contextlib
from collections.abc import Callable


class TcpProxy:
    """Forwards to 127.0.0.1:`target_port`. `connections` lists the open ones, oldest first.

    `on_request` is shown what a client sends before it goes on; what it does to the connection counts for that too.
    """

    def __init__(self, target_port: int, *, records: bool = True) -> None:
        self._target_port = target_port
        self._records = records
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.is_stalled = False
        self.on_request: Callable[[ProxiedConnection, bytes], None] = lambda connection, data: None
        self.connections: list[ProxiedConnection] = []

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """Of the proxy, for a Redis that stands behind it."""
        return f"redis://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def close(self) -> None:
        assert self._server
        self._server.close()
        self.cut()
        await asyncio.gather(*self._serving)
        await self._server.wait_closed()

    def stall(self) -> None:
        """A black hole: what is sent, on connections of now and of later, goes nowhere until `resume` or `cut`."""
        self.is_stalled = True
        for connection in self.connections:
            connection.stall()

    def resume(self) -> None:
        """What was sent meanwhile arrives now, as TCP would send it again."""
        self.is_stalled = False
        for connection in self.connections:
            connection.resume()

    def cut(self) -> None:
        """End all connections; new ones are let through."""
        self.is_stalled = False
        for connection in list(self.connections):
            connection.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        try:
            await self._forward(reader, writer)
        finally:
            self._serving.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.close()
            return
        connection = ProxiedConnection(writer, target_writer, self._records)
        if self.is_stalled:
            connection.stall()
        self.connections.append(connection)
        try:
            await asyncio.gather(
                connection.forward(reader, target_writer, lambda data: self.on_request(connection, data)),
                connection.forward(target_reader, writer, lambda data: None),
            )
        finally:
            self.connections.remove(connection)


class ProxiedConnection:
    def __init__(self, client: asyncio.StreamWriter, target: asyncio.StreamWriter, records: bool) -> None:
        self._client = client
        self._target = target
        self._records = records
        self._is_cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self.swallows_answers = False
        self.seen = bytearray()
        """Everything that went through, in both directions."""

    def stall(self) -> None:
        """Let nothing through any more, in either direction; the connection stands."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def hang_up_on_client(self) -> None:
        """End the client's half; what it has sent before still goes its way."""
        self._client.transport.abort()

    def say(self, data: bytes) -> None:
        """Send the client something that its server never said."""
        self._client.write(data)

    def cut(self) -> None:
        """What was held back is lost."""
        self._is_cut = True
        self._flows.set()
        for writer in (self._client, self._target):
            writer.transport.abort()

    async def forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, show: Callable[[bytes], None]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                show(data)
                await self._flows.wait()
                if self._is_cut:
                    break
                if self._records:
                    self.seen += data
                if writer is self._target or not self.swallows_answers:
                    writer.write(data)
                    await writer.drain()
        self.cut()

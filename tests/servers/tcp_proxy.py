"""A TCP proxy on the test's own loop, whose connections can be made to hang one by one."""

import asyncio
import contextlib


class TcpProxy:
    """Forwards to 127.0.0.1:`target_port`. `connections` lists the open ones, oldest first."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
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
        for connection in list(self.connections):
            connection.cut()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.close()
            return
        connection = ProxiedConnection(writer, target_writer)
        self.connections.append(connection)
        try:
            await asyncio.gather(connection.forward(reader, target_writer), connection.forward(target_reader, writer))
        finally:
            self.connections.remove(connection)


class ProxiedConnection:
    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self._writers = writers
        self._flows = asyncio.Event()
        self._flows.set()
        self.seen = bytearray()
        """Everything that went through, in both directions."""

    def stall(self) -> None:
        """Let nothing through any more, in either direction; the connection stands."""
        self._flows.clear()

    def say(self, data: bytes) -> None:
        """Send the client something that its server never said."""
        self._writers[0].write(data)

    def cut(self) -> None:
        self._flows.set()
        for writer in self._writers:
            writer.transport.abort()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                self.seen += data
                writer.write(data)
                await writer.drain()
        self.cut()

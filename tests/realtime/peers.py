"""The two ends of a socket under test: a client that writes frames by hand, and an owner that keeps a record."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

DEADLINE_SECONDS = 5.0


async def until(is_true: Callable[[], object], what: str = "the awaited state never came") -> None:
    """Wait for something that announces itself to nobody."""
    deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
    while not is_true():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.002)


@dataclass
class RecordingOwner:
    """Records every call in `heard`; `on_closed` gives the last entry, ("closed", code, reason)."""

    heard: list[tuple[object, ...]] = field(default_factory=list)
    react: Callable[[str], None] = lambda text: None

    def on_text(self, text: str) -> None:
        self.heard.append(("text", text))
        self.react(text)

    def on_binary(self) -> None:
        self.heard.append(("binary",))

    def on_ping(self) -> None:
        self.heard.append(("ping",))

    def on_pong(self) -> None:
        self.heard.append(("pong",))

    def on_closed(self, code: int | None, reason: str) -> None:
        self.heard.append(("closed", code, reason))

    @property
    def texts(self) -> list[object]:
        return [entry[1] for entry in self.heard if entry[0] == "text"]

    @property
    def closed(self) -> tuple[object, ...] | None:
        return self.heard[-1][1:] if self.heard and self.heard[-1][0] == "closed" else None

    async def wait_for(self, *entry: object) -> None:
        await until(lambda: entry in self.heard, f"never heard {entry}, but {self.heard}")

    async def wait_closed(self) -> tuple[object, ...] | None:
        await until(lambda: self.closed, f"never closed: {self.heard}")
        return self.closed


class FrameClient:
    """A client on a connected socket; its buffer is small, so that it takes little more than it is asked to read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def on(cls, sock: socket.socket) -> FrameClient:
        return cls(*await asyncio.open_connection(sock=sock, limit=1024))

    def send(self, frames: bytes) -> None:
        self.writer.write(frames)

    async def frame(self) -> tuple[int, bytes]:
        """The next frame from the server: opcode and payload."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            first, length = await self.reader.readexactly(2)
            assert first & 0xF0 == 0x80, "a server's frame is final and has no reserved bits"
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2))
            elif length == 127:
                length = int.from_bytes(await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(length)

    async def text(self) -> str:
        opcode, payload = await self.frame()
        assert opcode == 0x1, (opcode, payload)
        return payload.decode()

    async def close_code(self) -> int | None:
        """The code of the close frame that must come next; None when it carries none."""
        opcode, payload = await self.frame()
        assert opcode == 0x8, (opcode, payload)
        return int.from_bytes(payload[:2]) if payload else None

    async def end(self) -> bytes:
        """What still comes until the server hangs up."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    def finish_sending(self) -> None:
        self.writer.write_eof()

    def hang_up(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Ends a TCP connection with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Connected over loopback: the server's end, not blocking, and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    server.setblocking(False)
    return server, client


def unix_pair() -> tuple[socket.socket, socket.socket]:
    server, client = socket.socketpair()
    server.setblocking(False)
    return server, client

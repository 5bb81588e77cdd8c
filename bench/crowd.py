"""Many WebSocket clients in one thread: raw sockets and one epoll set, to cost less than what they measure."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Sequence
from itertools import islice

CONNECT_SECONDS = 60.0
POLL_SECONDS = 0.05
READ_BYTES = 256 * 1024

_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: realtime.v1\r\n\r\n"
)
_PONG = bytes((0x8A, 0x80, 0, 0, 0, 0))
_PING_OPCODE, _CLOSE_OPCODE = 0x9, 0x8

Heard = Callable[[bytes], None]


class Client:
    """One socket. `is_ready` once its first frame has come."""

    __slots__ = ("_buffer", "_is_upgraded", "frames", "is_ready", "pings", "socket")

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), CONNECT_SECONDS)
        self.socket.sendall(_HANDSHAKE.format(path=path).encode())
        self.socket.setblocking(False)
        self.is_ready = False
        self.frames = 0
        self.pings = 0
        self._is_upgraded = False
        self._buffer = b""

    def read(self, heard: Heard | None) -> None:
        """Takes what has arrived. Raises ConnectionError when the server has closed or refused."""
        data = self._buffer + self.socket.recv(READ_BYTES)
        if data == self._buffer:
            raise ConnectionError("closed by the server")
        self._buffer = self._take_frames(data if self._is_upgraded else self._take_answer(data), heard)

    def _take_answer(self, data: bytes) -> bytes:
        answer, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            self._buffer = data
            return b""
        if not answer.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(f"refused: {answer[:80]!r}")
        self._is_upgraded = True
        return rest

    def _take_frames(self, data: bytes, heard: Heard | None) -> bytes:
        """The incomplete frame at the end, or what is left of an incomplete answer."""
        if not self._is_upgraded:
            return self._buffer
        at, size = 0, len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            if start > size or start + length > size:
                break
            self._take_frame(data[at] & 0x0F, data[start : start + length], heard)
            at = start + length
        return data[at:]

    def _take_frame(self, opcode: int, payload: bytes, heard: Heard | None) -> None:
        if opcode == _PING_OPCODE:
            self.pings += 1
            self.socket.sendall(_PONG)
        elif opcode == _CLOSE_OPCODE:
            raise ConnectionError(f"closed by the server: {payload!r}")
        else:
            self.is_ready = True
            self.frames += 1
            if heard is not None:
                heard(payload)


class Crowd:
    """All clients of one measurement. `heard` is shown every text frame, where the measurement needs to look."""

    def __init__(self, port: int, heard: Heard | None = None) -> None:
        self.clients: dict[int, Client] = {}
        self._port = port
        self._heard = heard
        self._epoll = select.epoll()

    def __len__(self) -> int:
        return len(self.clients)

    @property
    def frames(self) -> int:
        """All text frames until now, the first of each client too."""
        return sum(client.frames for client in self.clients.values())

    @property
    def pings(self) -> int:
        return sum(client.pings for client in self.clients.values())

    def connect(self, paths: Sequence[str], at_once: int = 64) -> None:
        """Returns when all have had their first frame; never more than `at_once` are on their way."""
        waiting, on_the_way = iter(paths), set[Client]()
        deadline = time.monotonic() + CONNECT_SECONDS
        while True:
            on_the_way.update(self._open(path) for path in islice(waiting, at_once - len(on_the_way)))
            if not on_the_way:
                return
            self.serve(POLL_SECONDS)
            on_the_way = {client for client in on_the_way if not client.is_ready}
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(on_the_way)} clients are not connected")

    def serve(self, seconds: float) -> bool:
        """Reads what has arrived, waiting for it at most so long; False when nothing came."""
        ready = self._epoll.poll(seconds, 1024)
        for descriptor, _ in ready:
            self.clients[descriptor].read(self._heard)
        return bool(ready)

    def serve_until(self, is_met: Callable[[], bool], most_seconds: float) -> None:
        """Raises TimeoutError."""
        deadline = time.monotonic() + most_seconds
        while not is_met():
            self.serve(POLL_SECONDS)
            if time.monotonic() > deadline:
                raise TimeoutError("what was waited for did not come")

    def serve_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.serve(left)

    def drop(self) -> None:
        """All lines break at once."""
        for client in self.clients.values():
            client.socket.close()
        self.clients.clear()

    def _open(self, path: str) -> Client:
        client = Client(self._port, path)
        self.clients[client.socket.fileno()] = client
        self._epoll.register(client.socket.fileno(), select.EPOLLIN)
        return client

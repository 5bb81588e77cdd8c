"""A client's socket without a network: keeps what was sent to it, and takes no more than the test lets it take."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from realtime_app.realtime.client_socket import SocketOwner
from tests.realtime.peers import until

PING_OPCODE = 0x9


class RecordingSocket:
    """`frames` are the JSON objects it was sent, `sends` the bytes of each single send."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.sends: list[bytes] = []
        self.closed: tuple[int | None, str] | None = None
        self.is_reading = False
        self.is_slow = False
        self.queued_bytes = 0
        self.most_queued_bytes = 0
        self._owner: SocketOwner | None = None
        self._taken = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def ids(self) -> list[int]:
        """Of the numbered events, in the order in which they came."""
        return [frame["id"] for frame in self.frames if "id" in frame]

    @property
    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def of_type(self, frame_type: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == frame_type]

    async def until_ids(self, *ids: int) -> None:
        await until(lambda: self.ids == list(ids), f"wanted {ids}")

    async def until_closed(self) -> int | None:
        """The code it was closed with."""
        await until(lambda: self.closed, "never closed")
        assert self.closed
        return self.closed[0]

    # What a connection asks of its socket

    def attach(self, owner: SocketOwner) -> None:
        self._owner = owner

    def start_reading(self) -> None:
        self.is_reading = True

    def send(self, frames: bytes) -> None:
        if self.closed is not None:
            return
        self.sends.append(frames)
        self.frames += [orjson.loads(payload) for payload in _texts(frames)]
        if self.is_slow:
            self.queued_bytes += len(frames)
            self.most_queued_bytes = max(self.most_queued_bytes, self.queued_bytes)

    async def progress(self) -> None:
        if self.is_open and self.queued_bytes:
            self._taken.clear()
            await self._taken.wait()

    def close(self, code: int, reason: str = "") -> None:
        self._end(code, reason)

    def abort(self) -> None:
        self._end(None, "")

    # What the client does

    def take(self, size: int) -> None:
        """A slow client reads that many bytes."""
        self.queued_bytes = max(0, self.queued_bytes - size)
        self._taken.set()

    def hang_up(self) -> None:
        self._end(None, "")

    def _end(self, code: int | None, reason: str) -> None:
        if self.closed is None:
            self.closed = (code, reason)
            self._taken.set()
            if self._owner is not None:
                asyncio.get_running_loop().call_soon(self._owner.on_closed, code, reason)


def _texts(frames: bytes) -> list[bytes]:
    """The payloads of the text frames; pings are passed over."""
    texts, at = [], 0
    while at < len(frames):
        opcode, length, at = frames[at] & 0x0F, frames[at + 1], at + 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(frames[at : at + size]), at + size
        if opcode != PING_OPCODE:
            texts.append(frames[at : at + length])
        at += length
    return texts

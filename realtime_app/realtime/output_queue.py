"""What one slow client has not yet taken: exists only while the kernel refuses output."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice

from realtime_app.core.frames import frame_end

# One sendmsg() takes as many pieces; the kernel's own limit is 1,024.
_PIECES_PER_WRITE = 64


class OutputQueue:
    """Frames in order; the first piece may be partly sent."""

    __slots__ = ("_pieces", "_progress", "_sent_bytes", "size_bytes")

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._sent_bytes = 0
        self._progress: asyncio.Event | None = None
        self.size_bytes = 0

    def append(self, frames: bytes, sent_bytes: int = 0) -> None:
        """`sent_bytes` of a first piece are with the kernel already."""
        self._pieces.append(frames)
        self.size_bytes += len(frames)
        if sent_bytes:
            self.mark_sent(sent_bytes)

    def next_pieces(self) -> list[bytes | memoryview]:
        pieces: list[bytes | memoryview] = list(islice(self._pieces, _PIECES_PER_WRITE))
        if self._sent_bytes:
            pieces[0] = memoryview(self._pieces[0])[self._sent_bytes :]
        return pieces

    def mark_sent(self, sent_bytes: int) -> None:
        self.size_bytes -= sent_bytes
        sent_bytes += self._sent_bytes
        while self._pieces and sent_bytes >= len(self._pieces[0]):
            sent_bytes -= len(self._pieces.popleft())
        self._sent_bytes = sent_bytes
        self.wake()

    def replace(self, last_frame: bytes) -> None:
        """Drop everything but the rest of the frame that is on its way, and put `last_frame` behind it."""
        rest = b""
        if self._sent_bytes:
            piece = self._pieces[0]
            rest = piece[self._sent_bytes : frame_end(piece, self._sent_bytes)]
        self._pieces.clear()
        self._pieces.append(rest + last_frame)
        self._sent_bytes = 0
        self.size_bytes = len(self._pieces[0])
        self.wake()

    async def progress(self) -> None:
        """Wait until something was sent or dropped."""
        if self._progress is None:
            self._progress = asyncio.Event()
        await self._progress.wait()

    def wake(self) -> None:
        if self._progress is not None:
            self._progress.set()
            self._progress = None

"""A client's socket that stays in Tornado's IOStream, for TLS: the same behaviour as a lean one at more cost."""

from __future__ import annotations

import asyncio

from tornado.iostream import IOStream, StreamClosedError

from realtime_app.core.close_codes import CloseCode
from realtime_app.realtime.framed_socket import FramedSocket, SocketState
from realtime_app.realtime.lean_socket import READ_BYTES


class TornadoSocket(FramedSocket):
    __slots__ = ("_asyncio_loop", "_output_limit_bytes", "_progress", "_queued_bytes", "_reading", "_stream")

    def __init__(self, stream: IOStream, output_limit_bytes: int) -> None:
        super().__init__()
        self._stream = stream
        self._output_limit_bytes = output_limit_bytes
        self._queued_bytes = 0
        self._progress = asyncio.Event()
        self._asyncio_loop = asyncio.get_running_loop()
        self._reading: asyncio.Task[None] | None = None
        stream.set_close_callback(self._on_stream_closed)

    @property
    def queued_bytes(self) -> int:
        return self._queued_bytes

    def send(self, frames: bytes) -> None:
        if self._state is not SocketState.OPEN:
            return
        self._write(frames)
        if self._queued_bytes > self._output_limit_bytes:
            # A close frame would wait behind all that: the line is cut, and the client comes back with its position.
            self.lost(CloseCode.TOO_SLOW, "too slow: unread output passed the limit")

    async def progress(self) -> None:
        if self._state is SocketState.OPEN and self._queued_bytes:
            self._progress.clear()
            await self._progress.wait()

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self._asyncio_loop

    def _begin_reading(self) -> None:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            while True:
                self.received(await self._stream.read_bytes(READ_BYTES, partial=True))
                # A read that is served from the buffer doesn't give way to anybody.
                await asyncio.sleep(0)
        except StreamClosedError:
            self.lost(None, "")

    def _write(self, frames: bytes) -> bool:
        """True when the kernel has taken it."""
        try:
            written = self._stream.write(frames)
        except StreamClosedError:
            self.lost(None, "")
            return False
        if written.done():
            return True
        length = len(frames)
        self._queued_bytes += length
        written.add_done_callback(lambda _: self._on_written(length))
        return False

    def _on_written(self, length: int) -> None:
        self._queued_bytes -= length
        self._progress.set()

    def _send_last(self, frame: bytes) -> bool:
        self._begin_reading()
        self._progress.set()
        return self._write(frame)

    def _on_stream_closed(self) -> None:
        self.lost(None, "")

    def _release(self) -> None:
        self._stream.set_close_callback(None)
        self._stream.close()
        self._progress.set()

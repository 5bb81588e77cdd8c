"""A client's socket that stays in Tornado's IOStream, for TLS: the same behaviour as a lean one at more cost."""

from __future__ import annotations

import asyncio

from tornado.iostream import IOStream, StreamClosedError

from realtime_app.core.close_codes import CloseCode
from realtime_app.realtime.framed_socket import FramedSocket, SocketState
from realtime_app.realtime.lean_socket import READ_BYTES
from realtime_app.realtime.output_queue import OutputQueue

PART_BYTES = 64 * 1024
"""What the stream has at a time: it gives nothing back, and tells of nothing but the end of it."""


class TornadoSocket(FramedSocket):
    __slots__ = ("_asyncio_loop", "_output", "_output_limit_bytes", "_reading", "_stream", "_writing_bytes")

    def __init__(self, stream: IOStream, output_limit_bytes: int) -> None:
        super().__init__()
        self._stream = stream
        self._output = OutputQueue()
        self._output_limit_bytes = output_limit_bytes
        self._writing_bytes = 0
        self._asyncio_loop = asyncio.get_running_loop()
        self._reading: asyncio.Task[None] | None = None
        stream.set_close_callback(self._on_stream_closed)

    @property
    def queued_bytes(self) -> int:
        return self._output.size_bytes + self._writing_bytes

    def send(self, frames: bytes) -> None:
        if self._state is not SocketState.OPEN:
            return
        self._output.append(frames)
        self._write_on()
        if self.queued_bytes > self._output_limit_bytes:
            self.close(CloseCode.TOO_SLOW, "too slow: unread output passed the limit")

    async def progress(self) -> None:
        if self._state is SocketState.OPEN and self.queued_bytes:
            await self._output.progress()

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

    def _write_on(self) -> None:
        while self._output.size_bytes and not self._writing_bytes:
            part = memoryview(self._output.next_pieces()[0])[:PART_BYTES]
            try:
                written = self._stream.write(part)
            except StreamClosedError:
                self.lost(None, "")
                return
            self._output.mark_sent(len(part))
            if not written.done():
                self._writing_bytes = len(part)
                written.add_done_callback(self._on_written)

    def _on_written(self, _written: asyncio.Future[None]) -> None:
        self._writing_bytes = 0
        self._output.wake()
        self._write_on()

    def _send_last(self, frame: bytes) -> bool:
        self._begin_reading()
        self._output.replace(frame)
        self._write_on()
        return not self.queued_bytes

    def _on_stream_closed(self) -> None:
        self.lost(None, "")

    def _release(self) -> None:
        self._stream.set_close_callback(None)
        self._stream.close()
        self._output.wake()

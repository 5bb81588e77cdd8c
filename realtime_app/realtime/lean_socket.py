"""A client's socket taken out of Tornado: one small object that waits in the poller's epoll set and nowhere else."""

from __future__ import annotations

import asyncio
import select
import socket
from typing import TYPE_CHECKING

from realtime_app.core.close_codes import CloseCode
from realtime_app.realtime.framed_socket import FramedSocket, SocketState
from realtime_app.realtime.output_queue import OutputQueue

if TYPE_CHECKING:
    from realtime_app.realtime.socket_poller import SocketPoller

# What one socket may bring in one turn of the loop: a busy one waits for the others.
READ_BYTES = 4096

_BROKEN = select.EPOLLERR | select.EPOLLHUP
_OPEN = SocketState.OPEN


class LeanSocket(FramedSocket):
    """Made by the poller. `unread` is what the client sent before the poller took over."""

    __slots__ = ("_is_reading", "_output", "_poller", "_socket", "_unread")

    def __init__(self, sock: socket.socket, poller: SocketPoller, unread: bytes = b"") -> None:
        super().__init__()
        self._socket = sock
        self._poller = poller
        self._output: OutputQueue | None = None
        self._is_reading = False
        self._unread = unread

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def queued_bytes(self) -> int:
        return self._output.size_bytes if self._output is not None else 0

    def send(self, frames: bytes) -> None:
        if self._output is not None:
            self._queue(self._output, frames)
        elif self._state is _OPEN:
            # As `_write` does it: the call would be a tenth of what a delivery costs here.
            try:
                sent_bytes = self._socket.send(frames)
            except BlockingIOError:
                sent_bytes = 0
            except OSError:
                self.lost(None, "")
                return
            if sent_bytes < len(frames):
                self._queue_rest(frames, sent_bytes)

    async def progress(self) -> None:
        if self._state is SocketState.OPEN and self._output is not None:
            await self._output.progress()

    def on_ready(self, events: int) -> None:
        """Called by the poller with the epoll events of this socket; it may be closed since they were collected."""
        if events & select.EPOLLOUT and self._state is not SocketState.CLOSED:
            self._flush()
        if self._state is SocketState.CLOSED:
            return
        if self._is_reading:
            self._read()
        elif events & _BROKEN:
            self.lost(None, "")

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self._poller.loop

    def _begin_reading(self) -> None:
        self._is_reading = True
        self._watch()
        if self._unread:
            self._loop.call_soon(self._read_unread)

    def _read_unread(self) -> None:
        unread, self._unread = self._unread, b""
        if unread and self._state is not SocketState.CLOSED:
            self.received(unread)

    def _read(self) -> None:
        self._read_unread()
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.received(data)
        else:
            self.lost(None, "")

    def _write(self, frames: bytes) -> int | None:
        """How much the kernel took; None when the line is broken."""
        try:
            return self._socket.send(frames)
        except BlockingIOError:
            return 0
        except OSError:
            self.lost(None, "")
            return None

    def _queue(self, output: OutputQueue, frames: bytes) -> None:
        if self._state is not SocketState.OPEN:
            return
        if output.size_bytes + len(frames) > self._poller.output_limit_bytes:
            self.close(CloseCode.TOO_SLOW, "too slow: unread output passed the limit")
        else:
            output.append(frames)

    def _queue_rest(self, frames: bytes, sent_bytes: int) -> None:
        self._output = OutputQueue()
        self._output.append(frames, sent_bytes)
        if self._output.size_bytes > self._poller.output_limit_bytes:
            self.close(CloseCode.TOO_SLOW, "too slow: unread output passed the limit")
        else:
            self._watch()

    def _flush(self) -> None:
        if (output := self._output) is None:
            return
        try:
            output.mark_sent(self._socket.sendmsg(output.next_pieces()))
        except BlockingIOError:
            return
        except OSError:
            self.lost(None, "")
            return
        if output.size_bytes == 0:
            self._output = None
            self._watch()
            if self._state is SocketState.LEAVING:
                self._hang_up()

    def _send_last(self, frame: bytes) -> bool:
        self._is_reading = True
        if self._output is None:
            sent_bytes = self._write(frame)
            if sent_bytes is None:
                return False
            if sent_bytes < len(frame):
                self._output = OutputQueue()
                self._output.append(frame, sent_bytes)
        else:
            self._output.replace(frame)
        self._watch()
        if self._output is None and self._state is SocketState.LEAVING:
            self._hang_up()
        return self._output is None

    def _hang_up(self) -> None:
        """The client sees the end at once, and hangs up too; until then its bytes are taken, or TCP would reset."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.lost(None, "")

    def _watch(self) -> None:
        reading = select.EPOLLIN if self._is_reading else 0
        self._poller.watch(self, reading | (select.EPOLLOUT if self._output is not None else 0))

    def _release(self) -> None:
        self._poller.forget(self)
        self._socket.close()
        self._unread = b""
        if self._output is not None:
            self._output.wake()
            self._output = None

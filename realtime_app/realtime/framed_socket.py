"""The WebSocket side that all transports share: frames to the owner's calls, and the closing handshake."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from enum import IntEnum

from realtime_app.core.close_codes import CloseCode
from realtime_app.core.frame_reader import FrameReader, ProtocolError, is_empty_pong
from realtime_app.core.frames import Close, Message, Ping, Pong, Text, close_frame, pong_frame
from realtime_app.realtime.client_socket import SocketOwner

log = logging.getLogger(__name__)

CLOSE_SECONDS = 1.0
# A slow client has megabytes in the kernel's buffers before the close frame that tells it why; none of it is ours.
SLOW_CLOSE_SECONDS = 5.0

# After these nothing that the client says is read: it broke the rules, or the reader was left in the middle.
_DEAF_CODES = frozenset({int(CloseCode.INTERNAL_ERROR), *(int(code) for code in CloseCode if code.is_clients_fault)})


class SocketState(IntEnum):
    """States only go forward."""

    OPEN = 0
    CLOSING = 1
    """Our close frame is out; only the client's is awaited. The owner is gone from here on."""
    LEAVING = 2
    """Whatever still comes is thrown away unread, until the client hangs up."""
    CLOSED = 3


class FramedSocket(ABC):
    """A subclass moves bytes: it calls `received` and `lost`, and implements what is abstract."""

    __slots__ = ("_ended", "_owner", "_reader", "_state")

    def __init__(self) -> None:
        self._owner: SocketOwner | None = None
        self._reader: FrameReader | None = None
        self._state = SocketState.OPEN
        self._ended: tuple[int | None, str] | None = None

    @property
    def is_open(self) -> bool:
        return self._state is SocketState.OPEN

    def attach(self, owner: SocketOwner) -> None:
        self._owner = owner
        self._tell_when_ended()

    def start_reading(self) -> None:
        if self._state is SocketState.OPEN:
            self._begin_reading()

    def close(self, code: int, reason: str = "") -> None:
        if self._state is SocketState.OPEN:
            self._state = SocketState.LEAVING if code in _DEAF_CODES else SocketState.CLOSING
            self._end(code, reason)
            self._send_last(close_frame(code, reason))
            self._abort_soon(SLOW_CLOSE_SECONDS if code == CloseCode.TOO_SLOW else CLOSE_SECONDS)

    def abort(self) -> None:
        self.lost(None, "")

    def received(self, data: bytes) -> None:
        if self._state >= SocketState.LEAVING:
            return
        try:
            if self._reader is None and self._owner is not None and is_empty_pong(data):
                self._owner.on_pong()
            else:
                self._read_frames(data)
        except ProtocolError as error:
            self._refuse(error)
        except Exception:
            log.exception("a connection failed at what its client sent")
            self.close(CloseCode.INTERNAL_ERROR, "internal error")

    def lost(self, code: int | None, reason: str) -> None:
        """There is no line any more, or shall be none. Everything is released at once."""
        if self._state is SocketState.CLOSED:
            return
        self._end(code, reason)
        self._state = SocketState.CLOSED
        self._reader = None
        self._release()

    @abstractmethod
    def send(self, frames: bytes) -> None: ...

    @abstractmethod
    def _begin_reading(self) -> None: ...

    @abstractmethod
    def _send_last(self, frame: bytes) -> bool:
        """Send in place of everything queued, and read on until the client hangs up; True when the kernel took it."""

    @abstractmethod
    def _release(self) -> None:
        """Close the transport and free what it holds."""

    @property
    @abstractmethod
    def _loop(self) -> asyncio.AbstractEventLoop: ...

    def _read_frames(self, data: bytes) -> None:
        reader = self._reader or FrameReader()
        for message in reader.read(data):
            self._handle(message)
        is_needed = self._state < SocketState.LEAVING and not reader.is_idle
        self._reader = reader if is_needed else None

    def _handle(self, message: Message) -> None:
        if isinstance(message, Close):
            self._answer_close(message)
        elif self._owner is None:
            return
        elif isinstance(message, Pong):
            self._owner.on_pong()
        elif isinstance(message, Text):
            self._owner.on_text(message.text)
        elif isinstance(message, Ping):
            self._owner.on_ping()
            self.send(pong_frame(message.data))
        else:
            self._owner.on_binary()

    def _answer_close(self, close: Close) -> None:
        if self._state is SocketState.OPEN:
            self._state = SocketState.LEAVING
            self._end(close.code, close.reason)
            if not self._send_last(close_frame(close.code)):
                self._abort_soon(CLOSE_SECONDS)
                return
        self.lost(close.code, close.reason)

    def _refuse(self, error: ProtocolError) -> None:
        self._reader = None
        if self._state is SocketState.OPEN:
            self.close(error.close_code, error.reason)
        else:
            self.lost(None, "")

    def _abort_soon(self, seconds: float) -> None:
        if self._state is not SocketState.CLOSED:
            self._loop.call_later(seconds, self.abort)

    def _end(self, code: int | None, reason: str) -> None:
        if self._ended is None:
            self._ended = (code, reason)
            self._tell_when_ended()

    def _tell_when_ended(self) -> None:
        if self._owner is not None and self._ended is not None:
            owner, self._owner = self._owner, None
            self._loop.call_soon(owner.on_closed, *self._ended)

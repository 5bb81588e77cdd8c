"""Reads a client's RFC 6455 frames: bytes in, in pieces of any size, and whole messages out.

Answering pings and closes, and what a message means, is left to the socket and its owner.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from realtime_app.core.close_codes import CloseCode
from realtime_app.core.frames import (
    CONTROL_LIMIT_BYTES,
    FINAL_BIT,
    Binary,
    Close,
    Message,
    Opcode,
    Ping,
    Pong,
    Text,
)

MESSAGE_LIMIT_BYTES = 16 * 1024
# A message of empty fragments never ends and never grows, so their number is bounded as well.
MESSAGE_LIMIT_FRAGMENTS = 1024

_RESERVED_BITS = 0x70
_OPCODE_BITS = 0x0F
_MASK_BIT = 0x80
_LENGTH_BITS = 0x7F
# What IANA lists for the wire; 3000-4999 may stand in a close frame besides.
_WIRE_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})

_new_utf8_decoder = codecs.getincrementaldecoder("utf-8")
_EMPTY_PONG_HEADER = b"\x8a\x80"


class ProtocolError(Exception):
    """The client's bytes break RFC 6455 or a limit; the connection has to close with `close_code`."""

    def __init__(self, close_code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.close_code = close_code
        self.reason = reason


@dataclass(slots=True)
class _Frame:
    """A frame whose header was read; `remaining_bytes` of its payload are still to come."""

    opcode: int
    is_final: bool
    remaining_bytes: int
    mask: bytes

    @property
    def is_control(self) -> bool:
        return self.opcode >= Opcode.CLOSE

    def unmask(self, chunk: bytes) -> bytes:
        """Takes the next bytes of the payload, masked, and gives them plain."""
        plain = unmask(chunk, self.mask)
        self.remaining_bytes -= len(chunk)
        turn = len(chunk) % 4
        self.mask = self.mask[turn:] + self.mask[:turn]
        return plain


class _DataMessage:
    """A text or binary message until its last fragment is there. A binary one is counted, but not kept."""

    __slots__ = ("_content", "_decoder", "_fragments", "_size_bytes")

    def __init__(self, opcode: int) -> None:
        self._decoder = _new_utf8_decoder() if opcode == Opcode.TEXT else None
        self._content = bytearray()
        self._size_bytes = 0
        self._fragments = 0

    def announce(self, length: int) -> None:
        """A frame of this length comes next: refused before any of it is kept."""
        self._size_bytes += length
        self._fragments += 1
        if self._size_bytes > MESSAGE_LIMIT_BYTES:
            raise ProtocolError(CloseCode.MESSAGE_TOO_BIG, "a message is longer than 16 KiB")
        if self._fragments > MESSAGE_LIMIT_FRAGMENTS:
            raise ProtocolError(CloseCode.MESSAGE_TOO_BIG, "a message has too many fragments")

    def add(self, chunk: bytes) -> None:
        if self._decoder is None:
            return
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            raise ProtocolError(CloseCode.INVALID_TEXT, "a text message is not UTF-8") from None
        self._content += chunk

    def finish(self) -> Message:
        if self._decoder is None:
            return Binary()
        return Text(_decode(self._content, "a text message is not UTF-8"))


class FrameReader:
    """Needed only while something is incomplete: once `is_idle`, a new reader goes on as well as this one."""

    __slots__ = ("_frame", "_is_closed", "_message", "_unread")

    def __init__(self) -> None:
        self._unread = b""
        self._frame: _Frame | None = None
        self._message: _DataMessage | None = None
        self._is_closed = False

    @property
    def is_idle(self) -> bool:
        """No frame and no message is incomplete."""
        return not self._unread and self._frame is None and self._message is None and not self._is_closed

    def read(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes, to be consumed to the end. Whatever follows a close is dropped.

        Raises ProtocolError as soon as the bytes can be judged, after the messages before them.
        """
        data = self._unread + data if self._unread else data
        position = 0
        while not self._is_closed:
            if self._frame is None:
                position = self._open_frame(data, position)
            if (frame := self._frame) is None:
                break
            chunk = data[position : position + frame.remaining_bytes]
            if frame.is_control and len(chunk) < frame.remaining_bytes:
                break
            position += len(chunk)
            if (message := self._take(frame, chunk)) is not None:
                yield message
            if self._frame is not None:
                break
        self._unread = data[position:]

    def _open_frame(self, data: bytes, start: int) -> int:
        """Reads the header at `start` and says where the payload begins; without a whole header nothing happens."""
        header = _read_header(data, start)
        if header is None:
            return start
        frame, payload_start = header
        if not frame.is_control:
            self._open_fragment(frame)
        self._frame = frame
        return payload_start

    def _open_fragment(self, frame: _Frame) -> None:
        if frame.opcode == Opcode.CONTINUATION:
            if self._message is None:
                raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a continuation without a beginning")
        elif self._message is not None:
            raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a new message before the end of the last")
        else:
            self._message = _DataMessage(frame.opcode)
        self._message.announce(frame.remaining_bytes)

    def _take(self, frame: _Frame, chunk: bytes) -> Message | None:
        plain = frame.unmask(chunk) if chunk else b""
        if frame.remaining_bytes == 0:
            self._frame = None
        if frame.is_control:
            return self._control_message(frame.opcode, plain)
        assert self._message is not None
        self._message.add(plain)
        if self._frame is not None or not frame.is_final:
            return None
        message, self._message = self._message, None
        return message.finish()

    def _control_message(self, opcode: int, payload: bytes) -> Message:
        if opcode == Opcode.PONG:
            return Pong(payload)
        if opcode == Opcode.PING:
            return Ping(payload)
        self._is_closed = True
        return _parse_close(payload)


def is_empty_pong(data: bytes) -> bool:
    """`data` is one pong without data and nothing else: what heartbeats bring, known without a reader."""
    return len(data) == 6 and data.startswith(_EMPTY_PONG_HEADER)


def unmask(data: bytes, mask: bytes) -> bytes:
    # One exclusive-or of two long integers: 16 KiB take about 15 us, a loop over the bytes 1 ms.
    length = len(data)
    repeated = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(data) ^ int.from_bytes(repeated)).to_bytes(length)


def _read_header(data: bytes, start: int) -> tuple[_Frame, int] | None:
    """The frame that begins at `start`, and where its payload begins; None while the header is incomplete."""
    available = len(data) - start
    if available < 1:
        return None
    first = data[start]
    _check_first_byte(first)
    if available < 2:
        return None
    length, end = _short_length(first, data[start + 1]), start + 2
    if length > CONTROL_LIMIT_BYTES:
        extended = 2 if length == 126 else 8
        if available < 2 + extended:
            return None
        length = _extended_length(data[end : end + extended])
        end += extended
    mask = data[end : end + 4]
    if len(mask) < 4:
        return None
    return _Frame(first & _OPCODE_BITS, first >= FINAL_BIT, length, mask), end + 4


def _check_first_byte(first: int) -> None:
    opcode = first & _OPCODE_BITS
    if first & _RESERVED_BITS:
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a reserved bit is set")
    if opcode > Opcode.PONG or Opcode.BINARY < opcode < Opcode.CLOSE:
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a reserved opcode")
    if opcode >= Opcode.CLOSE and first < FINAL_BIT:
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a fragmented control frame")


def _short_length(first: int, second: int) -> int:
    length = second & _LENGTH_BITS
    if not second & _MASK_BIT:
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a client's frames must be masked")
    if first & Opcode.CLOSE and length > CONTROL_LIMIT_BYTES:
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a control frame is longer than 125 bytes")
    return length


def _extended_length(field: bytes) -> int:
    length = int.from_bytes(field)
    if length >= 1 << 63:
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "the top bit of a frame length is set")
    if length < (126 if len(field) == 2 else 1 << 16):
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a frame length is not written in its shortest form")
    return length


def _parse_close(payload: bytes) -> Close:
    if not payload:
        return Close(None, "")
    code = int.from_bytes(payload[:2])
    if len(payload) == 1 or not (code in _WIRE_CLOSE_CODES or 3000 <= code <= 4999):
        raise ProtocolError(CloseCode.PROTOCOL_ERROR, "a close code that may not be sent")
    return Close(code, _decode(payload[2:], "a close reason is not UTF-8"))


def _decode(data: bytes | bytearray, complaint: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ProtocolError(CloseCode.INVALID_TEXT, complaint) from None

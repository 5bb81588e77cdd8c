"""RFC 6455 frames as a server sends them, unmasked, and the values that `frame_reader` makes of a client's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

CONTROL_LIMIT_BYTES = 125
FINAL_BIT = 0x80


class Opcode(IntEnum):
    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Binary:
    """A binary message arrived; its bytes are not kept."""


@dataclass(frozen=True, slots=True)
class Ping:
    data: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    code: int | None
    reason: str


Message = Text | Binary | Ping | Pong | Close

_TEXT = FINAL_BIT | Opcode.TEXT
_pack_short = Struct(">BB").pack
_pack_medium = Struct(">BBH").pack
_pack_long = Struct(">BBQ").pack


def text_frame(payload: bytes) -> bytes:
    """One final text frame; `payload` is UTF-8."""
    return _header(_TEXT, len(payload)) + payload


def close_frame(code: int | None, reason: str = "") -> bytes:
    """A reason that is too long for a control frame is cut, between characters."""
    if code is None:
        return _frame(Opcode.CLOSE, b"")
    fitting = reason.encode()[: CONTROL_LIMIT_BYTES - 2].decode(errors="ignore").encode()
    return _frame(Opcode.CLOSE, code.to_bytes(2) + fitting)


def ping_frame() -> bytes:
    return _frame(Opcode.PING, b"")


def pong_frame(data: bytes) -> bytes:
    return _frame(Opcode.PONG, data)


def frame_end(frames: bytes, sent: int) -> int:
    """Where the frame that is cut at byte `sent` ends; `sent` itself when it lies between two frames."""
    end = 0
    while end < sent:
        length = frames[end + 1]
        if length < 126:
            end += 2 + length
        elif length == 126:
            end += 4 + int.from_bytes(frames[end + 2 : end + 4])
        else:
            end += 10 + int.from_bytes(frames[end + 2 : end + 10])
    return end


def _frame(opcode: Opcode, payload: bytes) -> bytes:
    return _header(FINAL_BIT | opcode, len(payload)) + payload


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return _pack_short(first, length)
    if length < 65536:
        return _pack_medium(first, 126, length)
    return _pack_long(first, 127, length)

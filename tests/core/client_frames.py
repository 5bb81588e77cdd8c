"""Frames as a client sends them, also those that no client should."""

from __future__ import annotations

from realtime_app.core.frames import Opcode

MASK = b"\x37\xfa\x21\x3d"


def client_frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    length_bytes: int | None = None,
) -> bytes:
    """`length_bytes` (0, 2 or 8) forces how the length is written; `mask` None leaves the frame unmasked."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    mask_bit = 0 if mask is None else 0x80
    if length_bytes is None:
        length_bytes = 0 if len(payload) < 126 else 2 if len(payload) < 65536 else 8
    short = {0: len(payload), 2: 126, 8: 127}[length_bytes]
    head = bytes((first, mask_bit | short)) + (len(payload).to_bytes(length_bytes) if length_bytes else b"")
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def text(payload: str | bytes, *, final: bool = True) -> bytes:
    return client_frame(Opcode.TEXT, _encoded(payload), final=final)


def more(payload: str | bytes, *, final: bool = False) -> bytes:
    return client_frame(Opcode.CONTINUATION, _encoded(payload), final=final)


def last(payload: str | bytes) -> bytes:
    return more(payload, final=True)


def binary(payload: bytes, *, final: bool = True) -> bytes:
    return client_frame(Opcode.BINARY, payload, final=final)


def ping(data: bytes = b"") -> bytes:
    return client_frame(Opcode.PING, data)


def pong(data: bytes = b"") -> bytes:
    return client_frame(Opcode.PONG, data)


def close(code: int | None = None, reason: str | bytes = b"") -> bytes:
    return client_frame(Opcode.CLOSE, b"" if code is None else code.to_bytes(2) + _encoded(reason))


def _encoded(payload: str | bytes) -> bytes:
    return payload.encode() if isinstance(payload, str) else payload

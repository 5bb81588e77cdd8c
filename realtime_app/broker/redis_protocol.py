"""One connection to Redis in subscriber mode: commands out, whole reads of messages in.

Speaks AUTH, PING and one kind of SUBSCRIBE and UNSUBSCRIBE in RESP2, and nothing else (pub/sub knows no databases: no
SELECT). Which server to talk to is found out with redis-py.
Reconnecting, and what is subscribed, are the subscriber's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol, cast

import hiredis

from realtime_app.broker.base import MAX_MESSAGE_BYTES, Message
from realtime_app.broker.pubsub_words import PLAIN, PubSubWords
from realtime_app.broker.redis_failure import moved_slot

READ_BYTES = 512 * 1024
"""What one turn of the loop takes at most: the more, the more events share one send, and the longer others wait."""

# hiredis moves all that it still holds each time it has parsed a kilobyte of it: in small helpings that is little.
_FEED_BYTES = 16 * 1024

MAX_REPLY_BYTES = 16 * MAX_MESSAGE_BYTES
"""A reply that is longer ends the connection; up to here a message that is too large is only skipped."""


class ProtocolListener(Protocol):
    def on_messages(self, batch: list[Message], too_large: int) -> None: ...

    def on_unlisted_message(self, wire: bytes, payload: bytes) -> None: ...

    def on_subscribed(self, wire: bytes) -> None: ...

    def on_unsubscribed(self, wire: bytes) -> None:
        """Asked for or not: a node of a cluster unsubscribes what it has given away."""

    def on_slot_moved(self, slot: int) -> None:
        """A command for a channel of this slot was refused: another node of the cluster has it."""

    def on_pong(self) -> None: ...


class SubscriberProtocol(asyncio.BufferedProtocol):
    """`names` (wire name to listener's name) says which messages are wanted; it may change all the time."""

    def __init__(self, names: Mapping[bytes, str], listener: ProtocolListener, words: PubSubWords = PLAIN) -> None:
        self.closed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        """Has the reason for a result once the connection has ended."""
        self.full_reads = 0
        """How many reads ended with more to come: what arrives stands in line then, the probe too."""
        self._names = names
        self._listener = listener
        self._words = words
        self._reader = hiredis.Reader()
        # By default hiredis gives its buffer back whenever it is empty and larger than 16 KB: after nearly every read.
        self._reader.setmaxbuf(4 * _FEED_BYTES)
        self._buffer = bytearray(READ_BYTES)
        self._incomplete_bytes = 0
        self._reason: Exception | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.closed.done():
            self.closed.set_result(self._reason or exc or ConnectionResetError("closed by Redis"))

    def get_buffer(self, sizehint: int) -> memoryview:
        # Not the bytearray itself: asyncio's TLS writes into slices, and those of a bytearray are copies.
        return memoryview(self._buffer)

    def buffer_updated(self, nbytes: int) -> None:
        try:
            self._take_replies(nbytes)
        except (hiredis.ReplyError, hiredis.ProtocolError, ConnectionError) as error:
            self.abort(error)
        if nbytes == READ_BYTES:
            self.full_reads += 1
            self._let_others_run()

    def log_in(self, auth: tuple[str, ...]) -> None:
        self._send(("AUTH", *auth))

    def subscribe(self, wires: list[bytes]) -> None:
        self._send_in_parts(self._words.subscribe, wires)

    def unsubscribe(self, wires: list[bytes]) -> None:
        self._send_in_parts(self._words.unsubscribe, wires)

    def ping(self) -> None:
        """Ask for a pong, which comes after the answers to everything sent before."""
        self._send((b"PING",))

    def abort(self, reason: Exception) -> None:
        """End the connection at once; what was not sent yet is thrown away."""
        self._reason = self._reason or reason
        if self._transport:
            self._transport.abort()

    def _send(self, command: tuple[str | bytes, ...]) -> None:
        if self._transport:
            self._transport.write(_packed(command))

    def _send_in_parts(self, command: bytes, wires: list[bytes]) -> None:
        size = self._words.names_per_command
        commands = [_packed((command, *wires[start : start + size])) for start in range(0, len(wires), size)]
        if self._transport and commands:
            self._transport.write(b"".join(commands))

    def _take_replies(self, read_bytes: int) -> None:
        """The hot path: one pass over all replies of one read. gets() says False when no whole reply is left."""
        feed, gets, names, message = self._reader.feed, self._reader.gets, self._names, self._words.message
        batch: list[Message] = []
        too_large = others = 0
        for start in range(0, read_bytes, _FEED_BYTES):
            feed(self._buffer, start, min(_FEED_BYTES, read_bytes - start))  # type: ignore[arg-type]  # any buffer will do
            while (reply := gets()) is not False:
                if type(reply) is list and reply[0] == message and (name := names.get(reply[1])) is not None:
                    if len(reply[2]) <= MAX_MESSAGE_BYTES:
                        batch.append((name, reply[2]))
                    else:
                        too_large += 1
                else:
                    others += 1
                    self._take_other(reply)
        self._bound_reply(read_bytes, had_replies=bool(batch or too_large or others))
        if batch or too_large:
            self._listener.on_messages(batch, too_large)

    def _let_others_run(self) -> None:
        """uvloop would go on with up to 31 further reads in the same turn."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _take_other(self, reply: Any) -> None:
        if isinstance(reply, hiredis.ReplyError):
            self._take_error(reply)
        if not isinstance(reply, list):
            return
        if reply[0] == self._words.subscribed:
            self._listener.on_subscribed(reply[1])
        elif reply[0] == self._words.unsubscribed:
            self._listener.on_unsubscribed(reply[1])
        elif reply[0] == self._words.message:
            self._listener.on_unlisted_message(reply[1], reply[2])
        elif reply[0] == b"pong":
            self._listener.on_pong()

    def _take_error(self, error: hiredis.ReplyError) -> None:
        slot = moved_slot(error)
        if slot is None:
            raise error
        self._listener.on_slot_moved(slot)

    def _bound_reply(self, read_bytes: int, *, had_replies: bool) -> None:
        self._incomplete_bytes = 0 if had_replies else self._incomplete_bytes + read_bytes
        if self._incomplete_bytes > MAX_REPLY_BYTES:
            raise ConnectionAbortedError("a reply is too large")


def _packed(command: tuple[str | bytes, ...]) -> bytes:
    return hiredis.pack_command(command)  # type: ignore[arg-type, no-any-return]

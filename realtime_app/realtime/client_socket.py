"""What a transport and the owner of a connection promise each other, whether the transport is lean or Tornado's."""

from __future__ import annotations

from typing import Protocol

SMALL_OUTPUT_BYTES = 64 * 1024
"""Whoever has no more than this unsent keeps up, and takes the next page of the log."""


class SocketOwner(Protocol):
    """Is told what the client does. The methods run on the event loop and must not block.

    Once the socket is closed, by whichever side, nothing is called any more but `on_closed`, once.
    """

    def on_text(self, text: str) -> None: ...

    def on_binary(self) -> None:
        """A binary message came; its content was dropped unread."""

    def on_ping(self) -> None:
        """The client sent a ping; the pong is the socket's work, after this returned."""

    def on_pong(self) -> None: ...

    def on_closed(self, code: int | None, reason: str) -> None:
        """The code of whoever closed first; None when the line broke or the client named none.

        Comes in a turn of the loop of its own: never from within a call of the socket.
        """


class ClientSocket(Protocol):
    """One client's open WebSocket. All methods may be called at any time; once it is closed they do nothing."""

    @property
    def is_open(self) -> bool:
        """False from the moment when either side closed, or the line broke."""

    @property
    def queued_bytes(self) -> int:
        """What was sent but not yet taken by the kernel."""

    def attach(self, owner: SocketOwner) -> None:
        """Name the owner, once. A socket that was closed before tells it so; nothing else comes before the reading."""

    def start_reading(self) -> None:
        """What the client has said until now is heard then, in its order. Sending needs no start."""

    def send(self, frames: bytes) -> None:
        """Send ready-made frames, one or several joined. Never blocks and never raises.

        What the kernel doesn't take is queued in order. When that passes the limit, the queue is dropped and the
        socket closes with 4008.
        """

    async def progress(self) -> None:
        """Wait until the kernel has taken something of what is queued, or the socket is closed."""

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame in place of all that is queued, and give the client a moment to answer it."""

    def abort(self) -> None:
        """Cut the line without a word."""

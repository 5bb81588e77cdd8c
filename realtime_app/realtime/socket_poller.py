"""Waits for all lean sockets of the process with one epoll set, which itself is one reader on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import select
import socket
from collections.abc import Callable

from tornado.ioloop import IOLoop

from realtime_app.realtime.framed_socket import CLOSE_SECONDS
from realtime_app.realtime.lean_socket import LeanSocket

log = logging.getLogger(__name__)

# What one turn of the loop serves before REST has its turn; epoll goes on with the others in the next.
SOCKETS_PER_TURN = 256


class SocketPoller:
    """The table of all lean sockets. A nested epoll set costs nothing per socket, a reader on the loop 500 bytes."""

    def __init__(self, output_limit_bytes: int) -> None:
        self.output_limit_bytes = output_limit_bytes
        self.loop: asyncio.AbstractEventLoop
        self._epoll: select.epoll
        # Indexed by descriptor: a dictionary would cost ten times as much per socket.
        self._sockets: list[LeanSocket | None] = []
        self._count = 0
        self._emptied: asyncio.Event | None = None

    def __len__(self) -> int:
        return self._count

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        IOLoop.current().add_handler(self._epoll.fileno(), self._on_ready, IOLoop.READ)

    async def close(self) -> None:
        """Ends what is still open. Sockets that were closed before get a moment for the client's answer."""
        self._abort_all(lambda lean: lean.is_open)
        if self._count:
            self._emptied = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), CLOSE_SECONDS)
            self._abort_all(lambda lean: True)
        IOLoop.current().remove_handler(self._epoll.fileno())
        self._epoll.close()

    def adopt(self, sock: socket.socket, unread: bytes = b"") -> LeanSocket:
        """Takes a connected, non-blocking socket over; `unread` are the client's bytes that were read before."""
        descriptor = sock.fileno()
        try:
            self._epoll.register(descriptor, 0)
        except (OSError, ValueError):  # no room in the kernel; a poller that was closed
            sock.close()
            raise
        missing = descriptor + 1 - len(self._sockets)
        if missing > 0:
            self._sockets.extend([None] * missing)
        lean = self._sockets[descriptor] = LeanSocket(sock, self, unread)
        self._count += 1
        return lean

    def watch(self, lean: LeanSocket, events: int) -> None:
        self._epoll.modify(lean.fileno(), events)

    def forget(self, lean: LeanSocket) -> None:
        """To be called while the descriptor is still open: its number may belong to somebody else right after."""
        descriptor = lean.fileno()
        self._epoll.unregister(descriptor)
        self._sockets[descriptor] = None
        self._count -= 1
        if self._count == 0 and self._emptied is not None:
            self._emptied.set()

    def read_arrived(self) -> None:
        """Serve every socket once for which something has arrived by now."""
        self._serve(self._count)

    def _abort_all(self, is_due: Callable[[LeanSocket], bool]) -> None:
        for lean in self._sockets:
            if lean is not None and is_due(lean):
                lean.abort()

    def _on_ready(self, _fd: int, _events: int) -> None:
        self._serve(SOCKETS_PER_TURN)

    def _serve(self, max_sockets: int) -> None:
        if max_sockets == 0:
            return
        # Looked up before the first is served: one that is closed meanwhile, and whose number is given to a new
        # socket, must not hand its event on to that.
        ready = [(self._sockets[descriptor], events) for descriptor, events in self._epoll.poll(0, max_sockets)]
        for lean, events in ready:
            if lean is None:
                continue
            try:
                lean.on_ready(events)
            except Exception:
                log.exception("a socket failed")
                lean.abort()

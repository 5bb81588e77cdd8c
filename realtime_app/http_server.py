"""The HTTP server around the application: its limits, and a stop that answers everybody who was let in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from realtime_app.application import Application
from realtime_app.listener import Listener

MAX_HEADER_BYTES = 32 * 1024
"""A token has up to 4 KiB; browsers on localhost send the cookies of everything that ever ran there."""

IDLE_TIMEOUT_SECONDS = 75.0
"""Longer than nginx keeps an idle connection (60 s), so that it never sends into one that is being closed."""

BODY_TIMEOUT_SECONDS = 30.0

_MAX_BUFFER_BYTES = 1024 * 1024
_POLL_SECONDS = 0.02


class HttpServer:
    """Listens on bound sockets. `drain()` before `close()` is the graceful way."""

    def __init__(self, application: Application, sockets: Sequence[socket.socket]) -> None:
        self._in_flight = application.in_flight
        self._sockets = sockets
        self._http = HTTPServer(
            application.web,
            max_header_size=MAX_HEADER_BYTES,
            idle_connection_timeout=IDLE_TIMEOUT_SECONDS,
            body_timeout=BODY_TIMEOUT_SECONDS,
            max_body_size=application.max_body_bytes,
            max_buffer_size=_MAX_BUFFER_BYTES,
        )
        self._listener = Listener(sockets, self._accepted)
        self.port = 0

    async def start(self) -> None:
        address = self._sockets[0].getsockname()
        self.port = address[1] if isinstance(address, tuple) else 0
        await self._listener.start()

    async def stop_listening(self) -> None:
        """Closes the door; those inside are told with their next answer that it was the last."""
        await self._listener.close()
        self._http.conn_params.no_keep_alive = True

    async def wait_until_left(self) -> None:
        """Returns when no client is connected any more, WebSockets apart."""
        while self._http._connections:
            await asyncio.sleep(_POLL_SECONDS)

    async def close(self) -> None:
        await self._listener.close()
        await self._http.close_all_connections()

    def _accepted(self, client: socket.socket, address: Any) -> None:
        client.setblocking(False)
        self._http.handle_stream(IOStream(client, max_buffer_size=_MAX_BUFFER_BYTES), address)

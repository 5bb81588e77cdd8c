"""The HTTP server around the application: its limits, and a stop that answers everybody who was let in."""

from __future__ import annotations

import asyncio
import socket
import sys
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


class _CountingServer(HTTPServer):
    """Knows when its last client has left; one that became a WebSocket counts as gone."""

    def initialize(self, *args: Any, **options: Any) -> None:
        super().initialize(*args, **options)
        self.is_deserted = asyncio.Event()
        self.is_deserted.set()

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        self.is_deserted.clear()
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        if not self._connections:
            self.is_deserted.set()


class HttpServer:
    """Listens on bound sockets. `close()` cuts everybody off; the graceful way stops listening first, and waits."""

    def __init__(self, application: Application, sockets: Sequence[socket.socket]) -> None:
        self._in_flight = application.in_flight
        self._http = _CountingServer(
            application.web,
            max_header_size=MAX_HEADER_BYTES,
            idle_connection_timeout=IDLE_TIMEOUT_SECONDS,
            body_timeout=BODY_TIMEOUT_SECONDS,
            max_body_size=sys.maxsize,  # the handlers bound it, and say so in an answer
            max_buffer_size=_MAX_BUFFER_BYTES,
        )
        self._listener = Listener(sockets, self._accepted)
        self.address = _shown(sockets[0])

    async def start(self) -> None:
        await self._listener.start()

    async def stop_listening(self) -> None:
        """Closes the door; those inside are told with their next answer that it was the last."""
        await self._listener.close()
        self._http.conn_params.no_keep_alive = True

    async def wait_until_deserted(self) -> None:
        """Returns when no client is connected any more, WebSockets apart."""
        await self._http.is_deserted.wait()

    async def close(self) -> None:
        await self._listener.close()
        await self._http.close_all_connections()

    def _accepted(self, client: socket.socket, address: Any) -> None:
        client.setblocking(False)
        self._http.handle_stream(IOStream(client, max_buffer_size=_MAX_BUFFER_BYTES), address)


def _shown(bound: socket.socket) -> str:
    name = bound.getsockname()
    if bound.family == socket.AF_UNIX:
        return f"unix:{name}"
    host = f"[{name[0]}]" if bound.family == socket.AF_INET6 else name[0]
    return f"http://{host}:{name[1]}"

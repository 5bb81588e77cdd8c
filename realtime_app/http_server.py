"""The HTTP server around the application: its limits, and a stop that answers everybody who was let in."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import Sequence
from copy import copy
from typing import Any, cast

from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.iostream import IOStream, SSLIOStream

from realtime_app.application import Application
from realtime_app.process.listener import Listener

MAX_HEADER_BYTES = 32 * 1024
"""A token has up to 4 KiB; browsers on localhost send the cookies of everything that ever ran there."""

FIRST_REQUEST_SECONDS = 10.0
"""From the opening of a connection to the end of its first request's headers, a WebSocket's handshake among them."""

IDLE_TIMEOUT_SECONDS = 75.0
"""Longer than nginx keeps an idle connection (60 s), so that it never sends into one that is being closed."""

BODY_TIMEOUT_SECONDS = 30.0

UNREAD_SECONDS = 60.0
"""How long output may wait while nothing of it is taken. By then a WebSocket has missed its pong, unless it is pinged
more seldom than by default; it comes back with its position."""

_MAX_BUFFER_BYTES = 1024 * 1024


class _WatchfulServer(HTTPServer):
    """Hurries those who have asked nothing so far, and knows when its last client has left; one that became a WebSocket
    counts as gone."""

    def initialize(self, *args: Any, **options: Any) -> None:
        super().initialize(*args, **options)
        self._later_params = copy(self.conn_params)
        self._later_params.header_timeout = IDLE_TIMEOUT_SECONDS
        self.is_deserted = asyncio.Event()
        self.is_deserted.set()

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        self.is_deserted.clear()
        super().handle_stream(stream, address)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        # What is waited for here has its deadline already; this one is for what comes after it.
        cast(HTTP1ServerConnection, server_conn).params = self._later_params
        return super().start_request(server_conn, request_conn)

    def end_keep_alive(self) -> None:
        """Every answer from now on is the last of its connection."""
        for params in (self.conn_params, self._later_params):
            params.no_keep_alive = True

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        if not self._connections:
            self.is_deserted.set()


class HttpServer:
    """Listens on bound sockets. `close()` cuts everybody off; the graceful way stops listening first, and waits."""

    def __init__(
        self, application: Application, sockets: Sequence[socket.socket], tls: ssl.SSLContext | None = None
    ) -> None:
        """With `tls` on all sockets but unix ones: those lead to a proxy on the same machine."""
        self._http = _WatchfulServer(
            application.web,
            max_header_size=MAX_HEADER_BYTES,
            idle_connection_timeout=FIRST_REQUEST_SECONDS,
            body_timeout=BODY_TIMEOUT_SECONDS,
            max_body_size=sys.maxsize,  # the handlers bound it, and say so in an answer
            max_buffer_size=_MAX_BUFFER_BYTES,
        )
        self._listener = Listener(sockets, self._accepted)
        self._tls = tls
        self.address = _shown(sockets[0], "https" if tls else "http")

    async def start(self) -> None:
        await self._listener.start()

    async def stop_listening(self) -> None:
        """Closes the door; those inside are told with their next answer that it was the last."""
        await self._listener.close()
        self._http.end_keep_alive()

    async def wait_until_deserted(self) -> None:
        """Returns when no client is connected any more, WebSockets apart."""
        await self._http.is_deserted.wait()

    async def close(self) -> None:
        await self._listener.close()
        await self._http.close_all_connections()

    def _accepted(self, client: socket.socket, address: Any) -> None:
        client.setblocking(False)
        if sys.platform == "linux" and client.family != socket.AF_UNIX:
            # Only the kernel sees progress. A unix socket leads to a proxy, which has limits of its own.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(UNREAD_SECONDS * 1000))
        try:
            stream = self._stream(client)
        except OSError:  # the client is gone
            client.close()
        else:
            self._http.handle_stream(stream, address)

    def _stream(self, client: socket.socket) -> IOStream:
        if self._tls is None or client.family == socket.AF_UNIX:
            return IOStream(client, max_buffer_size=_MAX_BUFFER_BYTES)
        encrypted = self._tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
        return SSLIOStream(encrypted, max_buffer_size=_MAX_BUFFER_BYTES)


def _shown(bound: socket.socket, scheme: str) -> str:
    name = bound.getsockname()
    if bound.family == socket.AF_UNIX:
        return f"unix:{name}"
    host = f"[{name[0]}]" if bound.family == socket.AF_INET6 else name[0]
    return f"{scheme}://{host}:{name[1]}"

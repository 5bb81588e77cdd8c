"""Takes a WebSocket out of Tornado once Tornado has done the handshake: nothing of it stays with an open connection."""

from __future__ import annotations

import logging
import socket
from abc import abstractmethod

from tornado.iostream import IOStream, SSLIOStream, StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from realtime_app.realtime.client_socket import ClientSocket
from realtime_app.realtime.socket_poller import SocketPoller
from realtime_app.realtime.tornado_socket import TornadoSocket

log = logging.getLogger(__name__)

UNSENT_BYTES = 64 * 1024
"""What the kernel takes beyond what is on the line already. By itself it takes 4 MB from us, and tells of progress only
after the client has read a quarter of it: a ping would come too late, and a slow client look like a dead one."""


class DetachedWebSocketHandler(WebSocketHandler):
    """Origin, version, headers and subprotocol are Tornado's work; after it comes `on_socket`, and the handler's end.

    `open`, `on_message` and `on_close` are Tornado's, and of no use here. Compression is never negotiated.
    """

    poller: SocketPoller
    """Set by the subclass before the handshake."""

    @abstractmethod
    async def on_socket(self, socket: ClientSocket) -> None:
        """The upgrade is done. The socket takes frames at once; it needs an owner, and reads when told to.

        Whatever this raises is logged and cuts the line. The handler lives until it returns.
        """

    def get_websocket_protocol(self) -> WebSocketProtocol13 | None:
        protocol = super().get_websocket_protocol()
        return _HandOver(self, protocol.params) if isinstance(protocol, WebSocketProtocol13) else None


class _HandOver(WebSocketProtocol13):
    """Tornado's protocol up to the moment when it would begin to read frames."""

    handler: DetachedWebSocketHandler

    def __init__(self, handler: DetachedWebSocketHandler, params: object) -> None:
        super().__init__(handler, False, params)  # type: ignore[arg-type]

    async def _receive_frame_loop(self) -> None:
        handler = self.handler
        try:
            client = await _detached(self.stream, handler.poller)
        except StreamClosedError:
            client = None
        # The handler's end, below, would otherwise close the stream, which TLS sockets still need.
        handler.ws_connection = None
        try:
            if client is not None:
                await _introduce(handler, client)
        finally:
            handler.on_ws_connection_close()


async def _introduce(handler: DetachedWebSocketHandler, client: ClientSocket) -> None:
    try:
        await handler.on_socket(client)
    except Exception:
        log.exception("a new connection failed")
        client.abort()
    except BaseException:
        client.abort()
        raise


async def _detached(stream: IOStream, poller: SocketPoller) -> ClientSocket:
    """Raises StreamClosedError when the client is gone already."""
    if stream.writing():
        await stream.write(b"")
    if stream.closed():
        raise StreamClosedError
    # Tornado turned it off again after the answer to the handshake.
    stream.set_nodelay(True)
    if stream.socket.family != socket.AF_UNIX:
        stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    if isinstance(stream, SSLIOStream):
        return TornadoSocket(stream, poller.output_limit_bytes)
    return poller.adopt(*_take_socket(stream))


def _take_socket(stream: IOStream) -> tuple[socket.socket, bytes]:
    """The stream's descriptor in a socket object of its own, and what a hasty client sent along with its handshake."""
    unread = bytes(stream._read_buffer)
    taken = stream.socket
    stream.io_loop.remove_handler(taken)
    ours = socket.socket(taken.family, taken.type, taken.proto, fileno=taken.detach())
    ours.setblocking(False)
    stream.close()
    return ours, unread

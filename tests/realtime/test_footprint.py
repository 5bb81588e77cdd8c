"""What one open connection takes of Python's memory: thousands of them are the server's size."""

from __future__ import annotations

import gc
import socket
import tracemalloc
from uuid import uuid4

import pytest

from realtime_app.auth.caller import Caller
from realtime_app.core.scopes import ALL_SCOPES
from realtime_app.realtime.connection import Connection, ConnectionSurroundings
from realtime_app.realtime.fan_out import Audience
from realtime_app.realtime.socket_poller import SocketPoller
from tests.realtime.connections import NOW, Server
from tests.realtime.peers import unix_pair

CONNECTIONS = 200
MOST_BYTES = 1_000


@pytest.mark.gen_test
async def test_an_idle_connection_takes_less_than_a_kilobyte(poller: SocketPoller) -> None:
    first, *pairs = [unix_pair() for _ in range(CONNECTIONS + 1)]
    around, audience = Server().surroundings(), Audience()
    connected(poller, *first, around, audience)  # what is made once
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    for pair in pairs:
        connected(poller, *pair, around, audience)

    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for _, client in [first, *pairs]:
        client.close()
    assert (after - before) / CONNECTIONS < MOST_BYTES


def connected(
    poller: SocketPoller, server: socket.socket, client: socket.socket, around: ConnectionSurroundings, room: Audience
) -> None:
    """A connection that reads and follows, with a caller of its own."""
    caller = Caller(str(uuid4()), "session", str(uuid4()), str(uuid4()), "Firefox", ALL_SCOPES, NOW)
    connection = Connection(poller.adopt(server), caller, str(uuid4()), around)
    connection.start()
    room.enter(connection)
    room.join(connection)

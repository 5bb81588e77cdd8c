"""What one open connection takes of Python's memory: thousands of them are the server's size."""

from __future__ import annotations

import asyncio
import gc
import select
import socket
import tracemalloc
from uuid import uuid4

import pytest

from realtime_app.auth.caller import Caller
from realtime_app.core.scopes import ALL_SCOPES
from realtime_app.realtime.connection import Connection, ConnectionContext
from realtime_app.realtime.fan_out import Audience
from realtime_app.realtime.socket_poller import SocketPoller
from tests.realtime.connections import NOW, Server
from tests.realtime.house import House, Journal, on_sqlite
from tests.realtime.peers import unix_pair, until

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
    poller: SocketPoller, server: socket.socket, client: socket.socket, around: ConnectionContext, room: Audience
) -> None:
    """A connection that reads and follows, with a caller of its own."""
    caller = Caller(str(uuid4()), "session", str(uuid4()), str(uuid4()), "Firefox", ALL_SCOPES, NOW)
    connection = Connection(poller.adopt(server), caller, str(uuid4()), around)
    connection.start()
    room.enter(connection)
    room.join(connection)


@pytest.mark.gen_test
@on_sqlite
async def test_an_idle_connection_has_neither_task_nor_timer(
    house: House, journal: Journal, poller: SocketPoller
) -> None:
    caller = await house.session(journal.user_id)
    pairs = [unix_pair() for _ in range(10)]
    counts = []
    for server, client in pairs:
        house.enter_with(poller.adopt(server), caller)
        await until(lambda client=client: has_arrived(client) and not house.hub._tasks)
        counts.append(tasks_and_timers())
    assert counts == counts[:1] * 10
    for _, client in pairs:
        client.close()


def has_arrived(client: socket.socket) -> bool:
    """`connected` was sent."""
    return bool(select.select([client], [], [], 0)[0])


def tasks_and_timers() -> tuple[int, int]:
    scheduled = asyncio.get_running_loop()._scheduled  # nothing public tells
    return len(asyncio.all_tasks()), sum(not timer.cancelled() for timer in scheduled)

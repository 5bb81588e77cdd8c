from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tornado.ioloop import IOLoop

from realtime_app.realtime.connection import Connection
from realtime_app.realtime.expiry import Expiry
from realtime_app.realtime.socket_poller import SocketPoller
from tests.realtime.connections import NOW, SESSION, Server, open_connection
from tests.realtime.peers import FrameClient

VISIT_SECONDS = 30
TICK_SECONDS = 0.25


class House:
    """Connections, and a clock to turn."""

    def __init__(self) -> None:
        self.now = NOW
        self.expiry = Expiry(lambda: self.now, VISIT_SECONDS)
        self.connections: list[Connection] = []
        self._ticks = 0

    def enter(self, connection: Connection) -> None:
        self.connections.append(connection)
        self.expiry.watch(connection)

    def take_token(self, connection: Connection, expires_in_seconds: float) -> None:
        connection.caller = replace(SESSION, expires_at=self.now + timedelta(seconds=expires_in_seconds))
        self.expiry.watch(connection)

    def pass_seconds(self, seconds: float) -> None:
        """Time goes by in ticks; once an interval every connection is shown."""
        for _ in range(round(seconds / TICK_SECONDS)):
            self._ticks += 1
            self.now += timedelta(seconds=TICK_SECONDS)
            if self._ticks * TICK_SECONDS % VISIT_SECONDS == 0:
                for connection in self.connections:
                    self.expiry.watch(connection)
            self.expiry.close_expired(lambda: self.connections)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def connect(io_loop: IOLoop, poller: SocketPoller, house: House) -> Iterator[Callable[[float | None], Connection]]:
    clients: list[FrameClient] = []

    def connect(expires_in_seconds: float | None) -> Connection:
        expires_at = None if expires_in_seconds is None else house.now + timedelta(seconds=expires_in_seconds)
        caller = replace(SESSION, expires_at=expires_at)
        connection, client = io_loop.run_sync(lambda: open_connection(poller, Server(), caller))
        clients.append(client)
        house.enter(connection)
        return connection

    yield connect
    for client in clients:
        client.hang_up()


@pytest.mark.parametrize("seconds", [0.5, 5, 29, 30, 34, 35, 36, 61, 3600.5])
def test_a_connection_is_closed_in_the_second_in_which_its_token_expires(house, connect, seconds):
    connection = connect(seconds)
    house.pass_seconds(seconds - TICK_SECONDS)
    assert connection.is_open
    house.pass_seconds(TICK_SECONDS)
    assert not connection.is_open


def test_a_connection_without_expiry_stays(house, connect):
    forever, once = connect(None), connect(10)
    house.pass_seconds(11)
    assert (forever.is_open, once.is_open) == (True, False)


def test_a_new_token_counts_from_when_it_was_taken(house, connect):
    longer, shorter = connect(10), connect(3600)
    house.take_token(longer, 600)
    house.take_token(shorter, 5)
    house.pass_seconds(5)
    assert (longer.is_open, shorter.is_open) == (True, False)
    house.pass_seconds(594)
    assert longer.is_open
    house.pass_seconds(1)
    assert not longer.is_open


def test_a_token_that_expired_while_the_machine_slept_is_noticed_in_the_next_tick(house, connect):
    asleep, awake = connect(3600), connect(8 * 3600)
    house.now += timedelta(hours=7)
    house.pass_seconds(TICK_SECONDS)
    assert (asleep.is_open, awake.is_open) == (False, True)


def test_a_token_that_had_expired_before_is_noticed_in_the_next_tick(house, connect):
    connection = connect(-5)
    house.pass_seconds(TICK_SECONDS)
    assert not connection.is_open


def test_only_what_expires_before_the_next_visit_is_kept(house, connect):
    for seconds in (40, 400, 4000):
        connect(seconds)
    assert house.expiry._soon == []
    house.pass_seconds(VISIT_SECONDS)
    assert len(house.expiry._soon) == 1

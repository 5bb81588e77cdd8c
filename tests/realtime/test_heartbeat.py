from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tornado.ioloop import IOLoop

from realtime_app.core.heartbeat import HeartbeatSchedule
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.expiry import Expiry
from realtime_app.realtime.heartbeat import Heartbeat, _SteadyCallback
from realtime_app.realtime.socket_poller import SocketPoller
from tests.core import client_frames
from tests.realtime.connections import NOW, SESSION, Server, open_connection
from tests.realtime.peers import FrameClient, until

INTERVAL_SECONDS = 30
TIMEOUT_SECONDS = 20

Connected = tuple[Connection, FrameClient]


class Time:
    """Ticks made by hand."""

    def __init__(self, poller: SocketPoller) -> None:
        self.seconds = 1000.0
        self.wall = NOW
        schedule = HeartbeatSchedule(INTERVAL_SECONDS, TIMEOUT_SECONDS)
        schedule.start(self.seconds)
        self.tick_seconds = schedule.tick_seconds
        self.heartbeat = Heartbeat(
            schedule,
            Expiry(lambda: self.wall, INTERVAL_SECONDS),
            read_arrived=poller.read_arrived,
            running_seconds=lambda: self.seconds,
        )

    def pass_seconds(self, seconds: float) -> None:
        for _ in range(round(seconds / self.tick_seconds)):
            self.halt(self.tick_seconds)

    def halt(self, seconds: float) -> None:
        """The process makes no tick for so long, then one."""
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)
        self.heartbeat.tick()


@pytest.fixture
def time(poller: SocketPoller) -> Time:
    return Time(poller)


@pytest.fixture
def connect(io_loop: IOLoop, poller: SocketPoller, time: Time) -> Iterator[Callable[..., Connected]]:
    clients: list[FrameClient] = []

    def connect(expires_in_seconds: float = 1e6) -> Connected:
        caller = replace(SESSION, expires_at=time.wall + timedelta(seconds=expires_in_seconds))
        connection, client = io_loop.run_sync(lambda: open_connection(poller, Server(), caller))
        connection.start()
        clients.append(client)
        time.heartbeat.add(connection)
        return connection, client

    yield connect
    for client in clients:
        client.hang_up()


def test_pings_of_those_who_came_together_are_spread_evenly_over_the_interval(time, connect):
    connections = [connect()[0] for _ in range(240)]
    owing = 0
    for _ in range(round(INTERVAL_SECONDS / time.tick_seconds)):
        time.pass_seconds(time.tick_seconds)
        pinged = sum(connection.owes_pong_since is not None for connection in connections)
        if time.seconds - 1000.0 < TIMEOUT_SECONDS:
            assert pinged - owing == 2
        owing = pinged
    assert owing == 240


def test_a_connection_whose_pong_does_not_come_within_the_timeout_is_closed_with_4009(io_loop, time, connect):
    connection, client = connect()
    time.pass_seconds(INTERVAL_SECONDS)
    assert io_loop.run_sync(client.frame) == (0x9, b"")
    assert connection.is_open, "the ping went out within the last interval, and less than its timeout ago"
    time.pass_seconds(TIMEOUT_SECONDS + 1)
    assert io_loop.run_sync(client.close_code) == 4009


def test_a_connection_that_answers_stays_and_is_pinged_each_interval(io_loop, time, connect):
    connection, client = connect()

    async def answer() -> None:
        assert await client.frame() == (0x9, b"")
        client.send(client_frames.pong())
        await until(lambda: connection.owes_pong_since is None)

    for _ in range(3):
        time.pass_seconds(INTERVAL_SECONDS)
        io_loop.run_sync(answer)
    assert connection.is_open


def test_a_pong_that_came_during_a_standstill_counts(time, connect):
    time.pass_seconds(INTERVAL_SECONDS - 1)
    (answering, client), (silent, _) = connect(), connect()
    time.pass_seconds(2)
    assert None not in (answering.owes_pong_since, silent.owes_pong_since)
    time.pass_seconds(TIMEOUT_SECONDS - 2)
    client.send(client_frames.pong())  # while the loop doesn't run
    time.halt(3600)
    assert answering.owes_pong_since is None
    assert silent.is_open, "an hour in which the process stood still is not an hour of waiting"
    time.pass_seconds(2)
    assert (answering.is_open, silent.is_open) == (True, False)


def test_an_expired_token_closes_with_4001_without_waiting_for_a_ping(io_loop, time, connect):
    connection, client = connect(expires_in_seconds=5)
    time.pass_seconds(5)
    assert not connection.is_open

    async def close_code() -> int | None:
        opcode, payload = await client.frame()
        while opcode == 0x9:
            opcode, payload = await client.frame()
        return int.from_bytes(payload[:2])

    assert io_loop.run_sync(close_code) == 4001


def test_a_connection_that_left_is_forgotten(time, connect):
    connection, _ = connect()
    assert list(time.heartbeat.connections()) == [connection]
    time.heartbeat.discard(connection)
    time.heartbeat.discard(connection)
    assert list(time.heartbeat.connections()) == []
    time.pass_seconds(INTERVAL_SECONDS)
    assert connection.owes_pong_since is None


@pytest.mark.gen_test
async def test_it_ticks_by_itself_between_start_and_close(poller):
    connection, client = await open_connection(poller, Server())
    connection.start()
    schedule = HeartbeatSchedule(0.2, 0.2)
    heartbeat = Heartbeat(schedule, Expiry(lambda: NOW, 0.2), read_arrived=poller.read_arrived)
    heartbeat.add(connection)
    await heartbeat.start()
    assert await client.frame() == (0x9, b"")
    client.send(client_frames.pong())
    opcode = 0x9
    while opcode == 0x9:
        opcode, payload = await client.frame()
    assert (opcode, payload[:2]) == (0x8, (4009).to_bytes(2))
    await heartbeat.close()
    client.hang_up()


@pytest.mark.gen_test
async def test_a_token_expires_to_the_second_also_when_pings_are_rare(poller):
    interval_seconds, expires_at = 600, datetime.now(UTC) + timedelta(seconds=0.5)
    caller = replace(SESSION, expires_at=expires_at)
    connection, client = await open_connection(poller, Server(), caller)
    schedule = HeartbeatSchedule(interval_seconds, 20)
    heartbeat = Heartbeat(
        schedule, Expiry(lambda: datetime.now(UTC), interval_seconds), read_arrived=poller.read_arrived
    )
    heartbeat.add(connection)
    await heartbeat.start()
    assert await client.close_code() == 4001
    assert datetime.now(UTC) - expires_at < timedelta(seconds=0.8)
    await heartbeat.close()
    client.hang_up()


def test_a_clock_that_is_set_back_does_not_stop_the_ticks():
    callback = _SteadyCallback(lambda: None, 250)
    callback._next_timeout = 10_000.0
    callback._update_next(6_400.0)
    assert callback._next_timeout == 6_400.25

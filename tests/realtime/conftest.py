"""What the tests of sockets and connections stand on, and a house of all the parts that move events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from realtime_app.realtime.socket_poller import SocketPoller
from realtime_app.store.engine import Database
from tests.planner import FakeClock
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import House, Journal


@pytest.fixture
def poller(io_loop: IOLoop) -> Iterator[SocketPoller]:
    poller = SocketPoller(output_limit_bytes=1024 * 1024)
    io_loop.run_sync(poller.start)
    yield poller
    io_loop.run_sync(poller.close)


@pytest.fixture
def broker() -> HandBroker:
    return HandBroker()


@pytest.fixture
def build_house(
    io_loop: IOLoop, database: Database, broker: HandBroker, clock: FakeClock
) -> Iterator[Callable[..., House]]:
    """Builds and starts houses with other options than the usual; closes them when the test is over."""
    houses: list[House] = []

    def build(**options: Any) -> House:
        chosen = options.pop("broker", broker)
        houses.append(House(database, chosen, clock, **options))
        return houses[-1]

    yield build
    for house in houses:
        io_loop.run_sync(house.close)


@pytest.fixture
def house(io_loop: IOLoop, build_house: Callable[..., House]) -> House:
    house = build_house()
    io_loop.run_sync(house.start)
    return house


@pytest.fixture
def journal(io_loop: IOLoop, house: House) -> Journal:
    """Of the user whom the test is about."""
    return io_loop.run_sync(house.journal)

"""What every test of sockets and connections stands on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from realtime_app.realtime.socket_poller import SocketPoller


@pytest.fixture
def poller(io_loop: IOLoop) -> Iterator[SocketPoller]:
    poller = SocketPoller()
    io_loop.run_sync(poller.start)
    yield poller
    io_loop.run_sync(poller.close)

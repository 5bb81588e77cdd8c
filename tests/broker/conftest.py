"""Brokers of all kinds, quick in everything, started and listened to."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tornado.ioloop import IOLoop

from realtime_app.broker.base import Broker
from realtime_app.broker.factory import broker_from_url
from realtime_app.broker.redis_timing import RedisTiming
from tests.broker.recording_listener import RecordingListener
from tests.servers.redis_server import RedisServer
from tests.servers.tcp_proxy import TcpProxy

QUICK = RedisTiming(
    probe_interval_seconds=0.1,
    probe_timeout_seconds=0.5,
    publish_timeout_seconds=0.3,
    connect_timeout_seconds=0.5,
    backoff_first_seconds=0.02,
    backoff_cap_seconds=0.1,
    resubscribe_pause_seconds=0.01,
)


class BrokerStarter:
    """Builds and starts brokers; closes them when the test is over."""

    def __init__(self, io_loop: IOLoop) -> None:
        self._io_loop = io_loop
        self._brokers: list[Broker] = []

    def build(self, url: str, *, prefix: str = "", **timing: float) -> tuple[Broker, RecordingListener]:
        """Build without starting. `timing` are fields of RedisTiming."""
        broker = broker_from_url(url, prefix=prefix, timing=replace(QUICK, **timing))  # type: ignore[arg-type]
        self._brokers.append(broker)
        return broker, RecordingListener(broker)

    async def __call__(self, url: str, *, prefix: str = "", **timing: float) -> tuple[Broker, RecordingListener]:
        broker, listener = self.build(url, prefix=prefix, **timing)
        await broker.start()
        return broker, listener

    def close(self) -> None:
        for broker in self._brokers:
            self._io_loop.run_sync(broker.close)


@pytest.fixture
def start(io_loop: IOLoop) -> Iterator[BrokerStarter]:
    starter = BrokerStarter(io_loop)
    yield starter
    starter.close()


@pytest.fixture
def proxy(io_loop: IOLoop, redis_server: RedisServer) -> Iterator[TcpProxy]:
    """Stands before `redis_server`."""
    proxy = TcpProxy(redis_server.port)
    io_loop.run_sync(proxy.start)
    yield proxy
    io_loop.run_sync(proxy.close)

"""One cluster for all tests of this folder: each harms it, and each finds it whole."""

from __future__ import annotations

import asyncio
import faulthandler
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop
from tornado.platform.asyncio import AsyncIOLoop

from tests.databases import migrate_at
from tests.faults.cluster import Cluster
from tests.faults.person import Person
from tests.faults.rest import Rest
from tests.faults.tab import Tab
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer
from tests.servers.tcp_proxy import TcpProxy

SETTINGS = {"WS_PING_INTERVAL": "4s", "WS_PING_TIMEOUT": "3s"}
"""Shorter than the defaults, so that what takes an interval doesn't take half a minute."""

START_SECONDS = 150.0

OpenTab = Callable[..., Awaitable[Tab]]
ClientProxy = Callable[[int], Awaitable[TcpProxy]]


@pytest.fixture(scope="package")
def package_loop() -> Iterator[IOLoop]:
    """The cluster's links live on it: they stand still between two tests."""
    loop = AsyncIOLoop(make_current=False)
    yield loop
    loop.close(all_fds=True)


@pytest.fixture
def io_loop(package_loop: IOLoop) -> Iterator[IOLoop]:
    assert isinstance(package_loop, AsyncIOLoop)
    # pytest-tornado makes the test's future before the loop runs.
    asyncio.set_event_loop(package_loop.asyncio_loop)
    yield package_loop
    asyncio.set_event_loop(None)


@pytest.fixture(scope="package")
def package_cluster(package_loop: IOLoop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    postgres, redis = PostgresServer(), RedisServer()
    try:
        postgres.start()
        redis.start()
        url = postgres.fresh_database()
        migrate_at(url)
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), redis, postgres, url, **SETTINGS)
        package_loop.run_sync(cluster.open_links)
        yield cluster
        package_loop.run_sync(cluster.close, timeout=START_SECONDS)
    finally:
        redis.close()
        postgres.close()


@pytest.fixture
def cluster(io_loop: IOLoop, package_cluster: Cluster) -> Cluster:
    """All of it runs, and no link is broken."""
    io_loop.run_sync(package_cluster.mend, timeout=START_SECONDS)
    return package_cluster


@pytest.fixture
def rest(io_loop: IOLoop) -> Iterator[Rest]:
    rest = Rest()
    yield rest
    rest.close()


@pytest.fixture
def open_tab(io_loop: IOLoop) -> Iterator[OpenTab]:
    """`await open_tab(person, app.port)`: a connected tab that knows no other port."""
    tabs: list[Tab] = []

    async def open_one(person: Person, port: int, **options: Any) -> Tab:
        tab = Tab(person, lambda: port, **options)
        tabs.append(tab)
        tab.open()
        await tab.until_live()
        return tab

    async def close_all() -> None:
        await asyncio.gather(*(tab.close() for tab in tabs))

    yield open_one
    io_loop.run_sync(close_all, timeout=START_SECONDS)


@pytest.fixture
def client_proxy(io_loop: IOLoop) -> Iterator[ClientProxy]:
    """`await client_proxy(app.port)`: a network between clients and a process that can be made to fail."""
    proxies: list[TcpProxy] = []

    async def start(port: int) -> TcpProxy:
        proxy = TcpProxy(port, records=False)
        proxies.append(proxy)
        await proxy.start()
        return proxy

    yield start
    for proxy in proxies:
        io_loop.run_sync(proxy.close)


@pytest.fixture
def record_table(record_property: Callable[[str, object], None]) -> list[str]:
    """Lines that are printed after the run, whether the test passes or not."""
    lines: list[str] = []
    record_property("table", lines)
    return lines


@pytest.fixture
def long_test() -> None:
    """Takes longer than a test may that hangs: its own timeout bounds it."""
    faulthandler.cancel_dump_traceback_later()

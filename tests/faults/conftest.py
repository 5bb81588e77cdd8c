"""The cluster that is harmed, and the table that is shown at the end of the run."""

from __future__ import annotations

import faulthandler
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.databases import migrate_at
from tests.faults.cluster import Cluster
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer

SETTINGS = {"WS_PING_INTERVAL": "4s", "WS_PING_TIMEOUT": "3s"}
"""Shorter than the defaults, so that what takes an interval doesn't take half a minute."""


@pytest.fixture(scope="session")
def fragile_postgres() -> Iterator[PostgresServer]:
    """A cluster of its own: other tests must not feel that it is restarted."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def fragile_template(fragile_postgres: PostgresServer) -> str:
    url = fragile_postgres.fresh_database()
    migrate_at(url)
    return url


StartCluster = Callable[..., Cluster]


@pytest.fixture
def start_cluster(
    io_loop: IOLoop,
    tmp_path: Path,
    redis_server: RedisServer,
    fragile_postgres: PostgresServer,
    fragile_template: str,
) -> Iterator[StartCluster]:
    """`start_cluster(SWEEP_INTERVAL_SECONDS="3600")`: three processes with these settings."""
    clusters = []

    def start(**settings: str) -> Cluster:
        url = fragile_postgres.fresh_database(fragile_template)
        cluster = Cluster(tmp_path, redis_server, fragile_postgres, url, **SETTINGS | settings)
        clusters.append(cluster)
        io_loop.run_sync(cluster.start, timeout=60)
        return cluster

    yield start
    for cluster in clusters:
        io_loop.run_sync(cluster.close, timeout=60)


@pytest.fixture
def cluster(start_cluster: StartCluster) -> Cluster:
    return start_cluster()


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

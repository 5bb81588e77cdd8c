"""Buckets on a real Redis, with a prefix of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from tornado.ioloop import IOLoop

from realtime_app.limits.factory import shared_buckets_from
from realtime_app.limits.shared_buckets import SharedBuckets
from tests.servers.redis_server import RedisServer


@pytest.fixture
def prefix() -> str:
    return f"{uuid4()}:"


@pytest.fixture
def shared_buckets(io_loop: IOLoop, shared_redis_server: RedisServer, prefix: str) -> Iterator[SharedBuckets]:
    shared = shared_buckets_from(shared_redis_server.url, prefix)
    yield shared
    io_loop.run_sync(shared.close)

"""Chooses the broker that REDIS_URL names."""

from __future__ import annotations

from realtime_app.broker.base import Broker
from realtime_app.broker.memory import MemoryBroker
from realtime_app.broker.redis import RedisBroker
from realtime_app.broker.redis_address import RedisAddress

MEMORY_SCHEME = "memory://"


def broker_from_url(url: str, *, prefix: str = "") -> Broker:
    """Build, without connecting, the broker for `memory://`, `redis://`, `rediss://` or `unix://`.

    `prefix` stands before each channel's name in Redis; listeners never see it.

    Raises:
        ValueError: the URL is not one of these. Its text never holds the URL.
    """
    if url.startswith(MEMORY_SCHEME):
        return MemoryBroker()
    return RedisBroker(RedisAddress(url), prefix=prefix)

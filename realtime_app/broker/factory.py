"""Chooses the broker that REDIS_URL names."""

from __future__ import annotations

from realtime_app.broker.base import Broker
from realtime_app.broker.cluster_topology import ClusterTopology
from realtime_app.broker.memory import MemoryBroker
from realtime_app.broker.redis import RedisBroker
from realtime_app.broker.redis_address import RedisAddress
from realtime_app.broker.redis_cluster import RedisClusterBroker
from realtime_app.broker.redis_timing import RedisTiming
from realtime_app.broker.sentinel_address import SentinelAddress
from realtime_app.core.redis_url import RedisKind, redis_hosts

MEMORY_SCHEME = "memory://"


def broker_from_url(url: str, *, prefix: str = "", timing: RedisTiming | None = None) -> Broker:
    """Build, without connecting, the broker for `memory://` or any of Redis's URLs that docs/redis.md lists.

    `prefix` stands before each channel's name in Redis; listeners never see it.

    Raises:
        ValueError: the URL is not one of these. Its text never holds the URL.
    """
    if url.startswith(MEMORY_SCHEME):
        return MemoryBroker()
    hosts = redis_hosts(url)
    if hosts is None:
        return RedisBroker(RedisAddress(url), prefix=prefix, timing=timing)
    if hosts.kind is RedisKind.SENTINEL:
        return RedisBroker(SentinelAddress(hosts), prefix=prefix, timing=timing)
    return RedisClusterBroker(ClusterTopology(hosts), prefix=prefix, timing=timing)

"""Chooses limits by the settings, and where they are shared by REDIS_URL."""

from __future__ import annotations

from typing import Any

from redis.asyncio import RedisCluster, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from realtime_app.broker.redis_address import RedisAddress
from realtime_app.broker.sentinel_address import SentinelAddress
from realtime_app.config import MEMORY_URL, Settings
from realtime_app.core.redis_url import RedisHosts, RedisKind, redis_hosts
from realtime_app.core.token_bucket import Quota
from realtime_app.limits.rate_limits import Limit, RateLimits
from realtime_app.limits.shared_buckets import SharedBuckets
from realtime_app.metrics import Metrics

CLUSTER_SLOTS = 16
"""Over so many of a cluster's slots the buckets are spread; each is one more call in a round."""

USER_FACTOR = 3
"""A user has three times the quota of a session, or of a key if that is larger: two people's screens and an agent."""

_CLUSTER_TIMEOUT_SECONDS = 1.0


def rate_limits_from(settings: Settings, metrics: Metrics) -> RateLimits | None:
    """Builds, without connecting. None when limits are switched off."""
    if not settings.rate_limit_enabled:
        return None
    url = settings.redis_url
    shared = None if url in (None, MEMORY_URL) else shared_buckets_from(str(url), settings.redis_prefix)
    limits = RateLimits(quotas_of(settings), shared)
    metrics.watch_limits(limits)
    return limits


def quotas_of(settings: Settings) -> dict[Limit, Quota]:
    session = Quota(settings.rate_limit_session_per_minute, settings.rate_limit_session_burst)
    key = Quota(settings.rate_limit_key_per_minute, settings.rate_limit_key_burst)
    login = Quota(settings.rate_limit_login_per_minute, settings.rate_limit_login_per_minute)
    return {
        Limit.SESSION: session,
        Limit.KEY: key,
        Limit.USER: Quota(
            USER_FACTOR * max(session.per_minute, key.per_minute), USER_FACTOR * max(session.burst, key.burst)
        ),
        Limit.ADDRESS: Quota(settings.rate_limit_address_per_minute, settings.rate_limit_address_burst),
        Limit.LOGIN_ADDRESS: login,
        Limit.LOGIN_ACCOUNT: login,
    }


def shared_buckets_from(url: str, prefix: str = "") -> SharedBuckets:
    """Raises ValueError for what is no URL of Redis. Its text never holds the URL."""
    hosts = redis_hosts(url)
    if hosts is None:
        return SharedBuckets(RedisAddress(url).client, prefix=prefix)
    if hosts.kind is RedisKind.SENTINEL:
        return SharedBuckets(SentinelAddress(hosts).client, prefix=prefix)
    return SharedBuckets(_cluster_client(hosts), prefix=prefix, slots=CLUSTER_SLOTS)


def _cluster_client(hosts: RedisHosts) -> RedisCluster:
    options: dict[str, Any] = dict(parse_url(hosts.server_url(hosts.hosts[0])))
    for name in ("host", "port", "db"):
        options.pop(name, None)
    is_tls = options.pop("connection_class", None) is SSLConnection
    options |= {"protocol": 2, "driver_info": None, "ssl": is_tls, "retry": Retry(NoBackoff(), 1)}
    options |= dict.fromkeys(("socket_timeout", "socket_connect_timeout"), _CLUSTER_TIMEOUT_SECONDS)
    return RedisCluster(startup_nodes=[ClusterNode(*host) for host in hosts.hosts], **options)

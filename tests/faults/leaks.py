"""What a process could keep of clients that are gone: connections, feeds, subscriptions, memory."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from tests.faults.cluster import Cluster

GONE_WITHIN_SECONDS = 30.0
"""The linger of feeds, and what the server waits for clients that vanished."""

GROWTH_BYTES = 48 * 1024 * 1024
"""What caches, pools and the allocator may take in a run; a leak of one event per socket would be more."""

POOLED_CONNECTIONS = 14
GAUGES = ("realtime_connections", "realtime_feeds", "realtime_replays_running", "realtime_publish_queue_length")


@dataclass(frozen=True)
class Holdings:
    """The processes with the clients connected, before anything was done to them."""

    memory_bytes: int


def holdings(cluster: Cluster) -> Holdings:
    return Holdings(max(app.memory_bytes() for app in cluster.apps))


async def leaks_left(cluster: Cluster, before: Holdings) -> list[str]:
    """What is still held some time after all clients have left."""
    deadline = time.monotonic() + GONE_WITHIN_SECONDS
    while left := await _held(cluster):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.2)
    grown = growth_bytes(cluster, before)
    return left + ([f"{grown >> 20} MiB more memory than at the beginning"] if grown > GROWTH_BYTES else [])


def growth_bytes(cluster: Cluster, before: Holdings) -> int:
    """Of the process that holds most."""
    return max(app.memory_bytes() for app in cluster.apps) - before.memory_bytes


async def _held(cluster: Cluster) -> list[str]:
    held = []
    for app in cluster.apps:
        metrics = await app.metrics()
        held += [f"{name} {metrics[name]:g}" for name in GAUGES if metrics[name]]
    if channels := await cluster.ask_redis("PUBSUB", "CHANNELS", "user:*"):
        held.append(f"channels {channels}")
    counted = await cluster.ask_redis("PUBSUB", "NUMSUB", "control")
    assert isinstance(counted, list)
    if counted[1] != len(cluster.apps):
        held.append(f"{counted[1]} subscribers of control")
    backends = await cluster.ask_database(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'realtime-app'"
    )
    if int(backends) > POOLED_CONNECTIONS * (len(cluster.apps) + 1):
        held.append(f"{backends} database connections")
    return held

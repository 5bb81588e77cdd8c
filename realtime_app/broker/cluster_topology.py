"""Which node of a Redis Cluster has which slots, asked through redis-py."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError, ResponseError

from realtime_app.broker.redis_address import RedisAddress
from realtime_app.core.redis_url import Host, RedisHosts

NODE_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SlotMap:
    """The master of each slot; None where no node serves it."""

    masters: tuple[Host | None, ...] = (None,) * REDIS_CLUSTER_HASH_SLOTS

    @property
    def nodes(self) -> set[Host]:
        return {master for master in self.masters if master is not None}

    @property
    def is_complete(self) -> bool:
        return None not in self.masters

    def master_of(self, wire: bytes) -> Host | None:
        return self.masters[key_slot(wire)]


class ClusterTopology:
    """Asks any node that answers: first those that it has heard of, then those that REDIS_URL names."""

    def __init__(self, url: RedisHosts, shuffle: Callable[[list[Host]], None] = random.shuffle) -> None:
        """Connect nothing.

        Raises:
            ValueError: redis-py doesn't understand the options. The text never holds the URL.
        """
        RedisAddress(url.server_url(url.hosts[0]))
        self._url = url
        self._shuffle = shuffle
        self._heard_of: set[Host] = set()

    def __str__(self) -> str:
        return self._url.shown

    def address(self, node: Host) -> RedisAddress:
        return RedisAddress(self._url.server_url(node))

    async def read(self) -> SlotMap:
        """The slots as one node sees them.

        Raises:
            ConnectionError: no node answers.
            RedisError: nodes answer, but with an error.
        """
        error: Exception = ConnectionRefusedError("no node of the cluster answers")
        for node in self._candidates():
            try:
                slots = await self._ask(node)
            except ResponseError as refusal:
                error = refusal
            except (RedisError, OSError):
                continue
            else:
                self._heard_of = slots.nodes or self._heard_of
                return slots
        raise error

    def _candidates(self) -> list[Host]:
        heard_of = list(self._heard_of)
        self._shuffle(heard_of)
        return heard_of + [host for host in self._url.hosts if host not in self._heard_of]

    async def _ask(self, node: Host) -> SlotMap:
        client = Redis.from_url(
            self._url.server_url(node),
            protocol=2,
            driver_info=None,
            socket_timeout=NODE_TIMEOUT_SECONDS,
            socket_connect_timeout=NODE_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            # The reply as Redis sends it: redis-py's own reading of it leaves out nodes without an address.
            ranges = await client.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
            return _slot_map(ranges, node)
        finally:
            # A cancellation that came now would leave the connection open.
            await asyncio.shield(client.aclose())


def _slot_map(ranges: Sequence[Sequence[Any]], asked: Host) -> SlotMap:
    """A node that doesn't know its own address leaves it empty: it is where it was asked."""
    masters: list[Host | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
    for first, last, master, *_replicas in ranges:
        name = (master[0] or b"").decode()
        node = (name if name not in ("", "?") else asked[0], int(master[1]))
        masters[first : last + 1] = [node] * (last + 1 - first)
    return SlotMap(tuple(masters))

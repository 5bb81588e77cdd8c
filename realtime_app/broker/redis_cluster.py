"""The broker over a Redis Cluster: one link to each node, and each channel on the node that has its slot.

Sharded pub/sub, so that a message travels only where somebody wants it. What a link is, and how far it can be trusted,
is RedisBroker's; this one keeps the channels where they belong while slots and nodes come and go.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
import uuid
from collections.abc import Callable

from redis.exceptions import RedisError

from realtime_app.broker.backoff import Backoff
from realtime_app.broker.base import Broker, LinkState, Message
from realtime_app.broker.cluster_shard import ClusterShard, Route
from realtime_app.broker.cluster_topology import ClusterTopology, SlotMap
from realtime_app.broker.ending import cancel_until_ended
from realtime_app.broker.message_queue import MessageQueue
from realtime_app.broker.redis import PROBE_CHANNEL, RedisBroker, ShardRole
from realtime_app.broker.redis_failure import describe
from realtime_app.broker.redis_timing import RedisTiming
from realtime_app.core.redis_url import Host

log = logging.getLogger(__name__)


class RedisClusterBroker(Broker):
    """UP means: every slot has a node, and the link to every node is UP.

    A channel whose slot goes to another node is confirmed anew there, under its old ticket; the link stays UP.
    """

    def __init__(
        self,
        topology: ClusterTopology,
        *,
        prefix: str = "",
        timing: RedisTiming | None = None,
        random: Callable[[], float] = random.random,
    ) -> None:
        """Raises ValueError when the prefix holds a brace, which would put all channels on one node."""
        super().__init__()
        if "{" in prefix:
            raise ValueError("with a brace in the prefix all channels would be on one node")
        self._topology = topology
        self._prefix = prefix
        self._timing = timing or RedisTiming()
        self._random = random
        self._backoff = Backoff(self._timing.backoff_first_seconds, self._timing.backoff_cap_seconds, random)
        self._slots = SlotMap()
        self._shards: dict[Host, ClusterShard] = {}
        self._routes: dict[str, Route] = {}
        self._ticket_numbers = itertools.count(1)
        self._homeless = MessageQueue()
        self._look_again = asyncio.Event()
        self._has_looked = asyncio.Event()
        self._state = LinkState.DOWN
        self._generation = 0
        self._is_closed = False
        self._is_trouble_told = False
        self._following: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._following = asyncio.create_task(self._follow())

    async def close(self, flush_seconds: float = 0.0) -> None:
        self._listener = None
        self._is_closed = True
        deadline = asyncio.get_running_loop().time() + flush_seconds
        if self._homeless and self._following:
            await self._wait_for(self._has_looked, flush_seconds)
        if self._following:
            await cancel_until_ended(self._following)
        seconds_left = max(0.0, deadline - asyncio.get_running_loop().time())
        await asyncio.gather(*(shard.broker.close(seconds_left) for shard in self._shards.values()), *self._retiring)
        self.stats.publish_dropped += len(self._homeless.take_all())
        self._state = LinkState.DOWN

    def publish(self, channel: str, message: bytes) -> None:
        if self._is_closed:
            self.stats.publish_dropped += 1
        else:
            self._send(channel, message)

    def subscribe(self, channel: str) -> int:
        route = self._routes.get(channel)
        if route is None:
            route = self._routes[channel] = Route(next(self._ticket_numbers))
            route.move(channel, self._shard_of(channel))
        return route.ticket

    def unsubscribe(self, channel: str) -> None:
        if route := self._routes.pop(channel, None):
            route.move(channel, None)

    def is_confirmed(self, channel: str) -> bool:
        route = self._routes.get(channel)
        return route is not None and route.shard is not None and route.shard.broker.is_confirmed(channel)

    @property
    def state(self) -> LinkState:
        return self._state

    @property
    def generation(self) -> int:
        """Rises whenever the whole has come UP again."""
        return self._generation

    @property
    def queue_length(self) -> int:
        return len(self._homeless) + sum(shard.broker.queue_length for shard in self._shards.values())

    # Called by the shards.

    def on_messages(self, batch: list[Message]) -> None:
        self._tell(lambda listener: listener.on_messages(batch))

    def on_shard_confirmed(self, shard: ClusterShard, channel: str, ticket: int) -> None:
        route = self._routes.get(channel)
        if route is not None and route.is_confirmed_by(shard, ticket):
            self._tell(lambda listener: listener.on_confirmed(channel, route.ticket))

    def on_shard_link(self, state: LinkState) -> None:
        if state is not LinkState.UP:
            self._look_again.set()
        self._settle()

    def _moved(self, messages: list[Message]) -> None:
        for message in messages:
            self.stats.publish_dropped += self._homeless.put(*message)
        self._look_again.set()

    async def _follow(self) -> None:
        while True:
            self._look_again.clear()
            try:
                self._apply(await self._topology.read())
            except (RedisError, OSError) as error:
                self._log_trouble(describe(error))
            except Exception:
                log.exception("the cluster could not be followed")
            await self._pause()

    async def _pause(self) -> None:
        """Until something is amiss or a while has passed; then a moment, since slots and channels come in crowds."""
        if self.is_link_up and not await self._wait_for(self._look_again, self._timing.whereabouts_seconds):
            self._backoff.reset()
        await asyncio.sleep(self._backoff.next_seconds())

    def _apply(self, slots: SlotMap) -> None:
        stranded: list[Message] = []
        if slots != self._slots:
            self._slots = slots
            self._backoff.reset()
            stranded = self._retire_shards()
            self._open_shards()
            for channel, route in self._routes.items():
                route.move(channel, self._shard_of(channel))
        for message in stranded + self._homeless.take_all():
            self._send(*message)
        for shard in self._shards.values():
            shard.broker.retry()
        self._has_looked.set()
        if not slots.is_complete:
            self._log_trouble("there are slots that no node serves")
        self._settle()

    def _retire_shards(self) -> list[Message]:
        """Close those whose node has left, or has lost the slot of their probe; return what they had not sent."""
        stranded: list[Message] = []
        for node, shard in list(self._shards.items()):
            if self._slots.master_of(shard.probe_wire) != node:
                del self._shards[node]
                stranded += shard.broker.take_queue()
                closing = asyncio.create_task(shard.broker.close())
                self._retiring.add(closing)
                closing.add_done_callback(self._retiring.discard)
        return stranded

    def _open_shards(self) -> None:
        for node in self._slots.nodes - self._shards.keys():
            probe_channel = self._probe_channel(node)
            broker = RedisBroker(
                self._topology.address(node),
                prefix=self._prefix,
                timing=self._timing,
                random=self._random,
                shard=ShardRole(probe_channel, self.stats, self._moved),
            )
            self.stats.rebuilds += self._generation > 0
            self._shards[node] = ClusterShard(broker, self._wire(probe_channel), self)
            broker.begin()

    def _probe_channel(self, node: Host) -> str:
        """One of this node's slots: found after about as many tries as there are nodes."""
        name = f"{PROBE_CHANNEL}{uuid.uuid4()}"
        numbered = (f"{name}:{number}" for number in itertools.count())
        return next(channel for channel in numbered if self._slots.master_of(self._wire(channel)) == node)

    def _shard_of(self, channel: str) -> ClusterShard | None:
        node = self._slots.master_of(self._wire(channel))
        return None if node is None else self._shards[node]

    def _send(self, channel: str, message: bytes) -> None:
        if shard := self._shard_of(channel):
            shard.broker.publish(channel, message)
        else:
            self.stats.publish_dropped += self._homeless.put(channel, message)

    def _settle(self) -> None:
        states = {shard.broker.state for shard in self._shards.values()}
        if not self._slots.is_complete or LinkState.DOWN in states:
            self._set_state(LinkState.DOWN)
        else:
            self._set_state(LinkState.DEAF if LinkState.DEAF in states else LinkState.UP)

    def _set_state(self, state: LinkState) -> None:
        if state is self._state:
            return
        self._state = state
        if state is LinkState.UP:
            self._generation += 1
            self._is_trouble_told = False
            log.info("the link to %s is up", self._topology)
        self._tell(lambda listener: listener.on_link(state))

    def _log_trouble(self, reason: str) -> None:
        """One line for each outage of the whole; each shard has its own."""
        if not self._is_trouble_told:
            self._is_trouble_told = True
            log.warning("the link to %s is lost: %s", self._topology, reason)

    async def _wait_for(self, event: asyncio.Event, seconds: float) -> bool:
        """False when it did not come in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
        return event.is_set()

    def _wire(self, channel: str) -> bytes:
        return (self._prefix + channel).encode()

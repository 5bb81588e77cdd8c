"""The broker over one Redis: joins subscriber, publisher and probe, and says how far the link can be trusted."""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from realtime_app.broker.base import MAX_MESSAGE_BYTES, Broker, BrokerStats, LinkState, Message
from realtime_app.broker.link_probe import LinkProbe
from realtime_app.broker.pubsub_words import PLAIN, SHARDED
from realtime_app.broker.redis_address import Address
from realtime_app.broker.redis_failure import describe, is_refusal, link_state_after
from realtime_app.broker.redis_publisher import RedisPublisher
from realtime_app.broker.redis_subscriber import RedisSubscriber
from realtime_app.broker.redis_timing import RedisTiming
from realtime_app.broker.running_time import RunningTime
from realtime_app.broker.subscription_table import SubscriptionTable

log = logging.getLogger(__name__)

PROBE_CHANNEL = "probe:"
"""What the names of all probes' channels begin with."""


@dataclass(frozen=True, slots=True)
class ShardRole:
    """What a broker has to know that serves one node of a cluster.

    The probe's channel must be of a slot of this node. `moved` is told when another node has some of the channels
    now, with the messages that this one has refused for it.
    """

    probe_channel: str
    stats: BrokerStats
    moved: Callable[[list[Message]], None]


class RedisBroker(Broker):
    """UP means: all channels are confirmed, and a probe published since the last trouble came back."""

    def __init__(
        self,
        address: Address,
        *,
        prefix: str = "",
        timing: RedisTiming | None = None,
        random: Callable[[], float] = random.random,
        shard: ShardRole | None = None,
    ) -> None:
        super().__init__()
        if shard:
            self.stats = shard.stats
        timing = timing or RedisTiming()
        self._address = address
        self._interval_seconds = timing.probe_interval_seconds
        words = SHARDED if shard else PLAIN
        self._shard = shard
        self._probe_channel = shard.probe_channel if shard else f"{PROBE_CHANNEL}{uuid.uuid4()}"
        self._table = SubscriptionTable(prefix)
        self._publisher = RedisPublisher(address.client, prefix, words, self, self.stats, timing, random)
        self._subscriber = RedisSubscriber(
            address, words, self._table, (prefix + self._probe_channel).encode(), self, timing, random
        )
        self._probe = LinkProbe(timing.probe_timeout_seconds)
        self._running_time = RunningTime(timing.probe_interval_seconds, timing.late_tick_seconds)
        self._is_proven = False
        self._state = LinkState.DOWN
        self._generation = 0
        self._told_reason: str | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.begin()

    def begin(self) -> None:
        """What `start` does, for those who can't wait."""
        self._publisher.start()
        self._subscriber.start()
        self._ticking = asyncio.create_task(self._tick_forever())

    async def close(self, flush_seconds: float = 0.0) -> None:
        self._listener = None
        await self._publisher.close(flush_seconds)
        await self._subscriber.close()
        await self._address.close()
        if self._ticking:
            self._ticking.cancel()
            await asyncio.wait({self._ticking})
        self._state = LinkState.DOWN

    def publish(self, channel: str, message: bytes) -> None:
        self._publisher.publish(channel, message)

    def subscribe(self, channel: str) -> int:
        return self._subscriber.subscribe(channel)

    def unsubscribe(self, channel: str) -> None:
        self._subscriber.unsubscribe(channel)

    def is_confirmed(self, channel: str) -> bool:
        return self._subscriber.is_connected and self._table.is_confirmed(channel)

    @property
    def state(self) -> LinkState:
        return self._state

    @property
    def generation(self) -> int:
        return self._generation

    @property
    def queue_length(self) -> int:
        return len(self._publisher)

    def retry(self) -> None:
        """Subscribe anew what the node has refused or unsubscribed by itself, if it is still wanted here."""
        self._subscriber.retry()

    def take_queue(self) -> list[Message]:
        """What was not sent for certain, for another node to be sent to."""
        return self._publisher.take_all()

    # Called by the subscriber, and some of it by the publisher.

    def on_moved(self, messages: list[Message]) -> None:
        if self._shard:
            self._shard.moved(messages)

    def on_messages(self, batch: list[Message], too_large: int) -> None:
        if too_large and not self.stats.received_dropped:
            log.warning("a message of more than %d bytes was dropped (others are only counted)", MAX_MESSAGE_BYTES)
        self.stats.received += len(batch)
        self.stats.received_dropped += too_large
        if batch:
            self._tell(lambda listener: listener.on_messages(batch))

    def on_confirmed(self, channel: str, ticket: int) -> None:
        self._tell(lambda listener: listener.on_confirmed(channel, ticket))

    def on_probe(self, payload: bytes) -> None:
        if self._probe.returned(payload):
            self._is_proven = True
            self._settle()

    def on_connected(self) -> None:
        self._generation += 1
        self.stats.rebuilds += self._generation > 1
        self._send_probe()

    def on_complete(self) -> None:
        self._settle()

    def on_lost(self, error: Exception) -> None:
        self.stats.probes_lost += self._probe.forget()
        self._distrust(error)

    # Called by the publisher.

    def on_publish_failed(self, error: Exception) -> None:
        state = link_state_after(error)
        if state is LinkState.DOWN:
            # The probes in flight went down with it: their silence says nothing about the subscriber.
            self.stats.probes_lost += self._probe.forget()
        self._distrust(error)

    def on_publish_recovered(self) -> None:
        self._send_probe()

    async def _tick_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._interval_seconds)
            try:
                self._tick(self._running_time.tick(loop.time()))
            except Exception:
                log.exception("the link could not be watched")

    def _tick(self, elapsed_seconds: float) -> None:
        self._publisher.tick(elapsed_seconds)
        is_behind = self._subscriber.was_behind()
        if self._probe.is_deaf(self._running_time.seconds) and not is_behind:
            self._subscriber.rebuild(TimeoutError("what is published does not come back"))
        else:
            self._send_probe()

    def _send_probe(self) -> None:
        if self._subscriber.is_connected:
            self._publisher.send_probe(self._probe_channel, self._probe.next(self._running_time.seconds))

    def _settle(self) -> None:
        if self._is_proven and self._subscriber.is_complete and not self._publisher.is_failing:
            self._subscriber.trust()
            self._set_state(LinkState.UP)

    def _distrust(self, error: Exception) -> None:
        self._is_proven = False
        self._log_trouble(error)
        self._set_state(link_state_after(error))

    def _set_state(self, state: LinkState) -> None:
        if state is self._state:
            return
        self._state = state
        if state is LinkState.UP:
            log.info("the link to %s is up", self._address)
            self._told_reason = None
        self._tell(lambda listener: listener.on_link(state))

    def _log_trouble(self, error: Exception) -> None:
        """One line for each outage, and one more when it turns out that Redis refuses us."""
        reason = describe(error)
        if self._told_reason is None or (is_refusal(error) and reason != self._told_reason):
            self._told_reason = reason
            log.warning("the link to %s is lost: %s", self._address, reason)

"""The link to one node of a Redis Cluster, and the channels that are routed to it."""

from __future__ import annotations

from typing import Protocol

from realtime_app.broker.base import LinkState, Message
from realtime_app.broker.redis import RedisBroker


class ShardListener(Protocol):
    """A BrokerListener of many links."""

    def on_messages(self, batch: list[Message]) -> None: ...

    def on_shard_confirmed(self, shard: ClusterShard, channel: str, ticket: int) -> None:
        """The ticket is the shard's own."""

    def on_shard_link(self, state: LinkState) -> None: ...


class ClusterShard:
    """Says to its listener which shard it is that speaks. `probe_wire` is the channel of its probe, prefix and all."""

    def __init__(self, broker: RedisBroker, probe_wire: bytes, listener: ShardListener) -> None:
        self.broker = broker
        self.probe_wire = probe_wire
        self._listener = listener
        broker.listen(self)

    def on_messages(self, batch: list[Message]) -> None:
        self._listener.on_messages(batch)

    def on_confirmed(self, channel: str, ticket: int) -> None:
        self._listener.on_shard_confirmed(self, channel, ticket)

    def on_link(self, state: LinkState) -> None:
        self._listener.on_shard_link(state)


class Route:
    """One channel: the ticket that the listener knows, the shard it is subscribed at, and its ticket there."""

    __slots__ = ("shard", "shard_ticket", "ticket")

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.shard: ClusterShard | None = None
        self.shard_ticket = 0

    def move(self, channel: str, shard: ClusterShard | None) -> None:
        """Subscribe it there, and no longer where it was; no change when it is there already."""
        if shard is self.shard:
            return
        if self.shard:
            self.shard.broker.unsubscribe(channel)
        self.shard = shard
        if shard:
            self.shard_ticket = shard.broker.subscribe(channel)

    def is_confirmed_by(self, shard: ClusterShard, ticket: int) -> bool:
        return self.shard is shard and self.shard_ticket == ticket

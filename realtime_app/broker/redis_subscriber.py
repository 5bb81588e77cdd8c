"""Keeps one subscriber connection to Redis alive and everything that is wanted subscribed on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

import hiredis
from redis.crc import key_slot

from realtime_app.broker.backoff import Backoff
from realtime_app.broker.base import Message
from realtime_app.broker.ending import cancel_until_ended
from realtime_app.broker.pubsub_words import PubSubWords
from realtime_app.broker.redis_address import Address
from realtime_app.broker.redis_protocol import SubscriberProtocol
from realtime_app.broker.redis_timing import RedisTiming
from realtime_app.broker.subscription_table import SubscriptionTable

log = logging.getLogger(__name__)


class SubscriberListener(Protocol):
    def on_messages(self, batch: list[Message], too_large: int) -> None: ...

    def on_confirmed(self, channel: str, ticket: int) -> None: ...

    def on_probe(self, payload: bytes) -> None: ...

    def on_connected(self) -> None:
        """Redis has confirmed the probe channel; the other channels follow."""

    def on_complete(self) -> None:
        """Every channel that was wanted when the connection stood has been confirmed on it."""

    def on_moved(self, messages: list[Message]) -> None:
        """Another node of the cluster has some channels now; `messages` is empty."""

    def on_lost(self, error: Exception) -> None:
        """A connection has ended, or could not be made; the next attempt follows by itself."""


class RedisSubscriber:
    def __init__(
        self,
        address: Address,
        words: PubSubWords,
        table: SubscriptionTable,
        probe_channel: bytes,
        listener: SubscriberListener,
        timing: RedisTiming,
        random: Callable[[], float],
    ) -> None:
        self.is_connected = False
        self.is_complete = False
        self._address = address
        self._words = words
        self._table = table
        self._probe_channel = probe_channel
        self._listener = listener
        self._timing = timing
        self._random = random
        self._backoff = Backoff(timing.backoff_first_seconds, timing.backoff_cap_seconds, random)
        self._protocol: SubscriberProtocol | None = None
        self._full_reads_seen = 0
        self._connected = asyncio.Event()
        self._flush: asyncio.Handle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task:
            await cancel_until_ended(self._task)
        self.is_connected = self.is_complete = False
        if self._protocol:
            await self._protocol.closed

    def subscribe(self, channel: str) -> int:
        ticket = self._table.want(channel)
        self._schedule_flush()
        return ticket

    def unsubscribe(self, channel: str) -> None:
        self._table.drop(channel)
        self._schedule_flush()

    def rebuild(self, reason: Exception) -> None:
        """Throw the connection away; a new one follows."""
        if self._protocol:
            self._protocol.abort(reason)

    def was_behind(self) -> bool:
        """More has come than could be taken since this was last asked: a probe that is late may stand in the line."""
        full_reads = self._protocol.full_reads if self._protocol else 0
        seen, self._full_reads_seen = self._full_reads_seen, full_reads
        return full_reads > seen

    def trust(self) -> None:
        """The link has proven itself: should it break, the next attempt comes soon."""
        self._backoff.reset()

    def retry(self) -> None:
        """Subscribe anew what Redis has refused or unsubscribed by itself, if it is still wanted."""
        self._schedule_flush()

    # Called by SubscriberProtocol.

    def on_messages(self, batch: list[Message], too_large: int) -> None:
        self._listener.on_messages(batch, too_large)

    def on_unlisted_message(self, wire: bytes, payload: bytes) -> None:
        if wire == self._probe_channel:
            self._listener.on_probe(payload)

    def on_subscribed(self, wire: bytes) -> None:
        if wire == self._probe_channel:
            self._connected.set()
        elif confirmed := self._table.confirm(wire):
            self._listener.on_confirmed(*confirmed)

    def on_unsubscribed(self, wire: bytes) -> None:
        if wire == self._probe_channel:
            self.rebuild(ConnectionAbortedError("the node has given slots away"))
        elif not self._table.lose_confirmed(wire):
            return
        self._listener.on_moved([])

    def on_slot_moved(self, slot: int) -> None:
        if not self.is_connected:
            self.rebuild(ConnectionAbortedError("the node has given slots away"))
        self._table.lose_awaited(lambda wire: key_slot(wire) == slot)
        self._listener.on_moved([])

    def on_pong(self) -> None:
        self.is_complete = True
        self._listener.on_complete()

    def _schedule_flush(self) -> None:
        """All changes of one turn go out as one command."""
        if self.is_connected and self._flush is None:
            self._flush = asyncio.get_running_loop().call_soon(self._send_changes)

    def _send_changes(self) -> None:
        self._flush = None
        if self._protocol and self.is_connected:
            subscribe, unsubscribe = self._table.take_changes()
            self._protocol.subscribe(subscribe)
            self._protocol.unsubscribe(unsubscribe)

    async def _run(self) -> None:
        while True:
            error = await self._live_through_a_connection()
            if self.is_connected:
                self._table.start_over()
            self.is_connected = self.is_complete = False
            self._listener.on_lost(error)
            await asyncio.sleep(self._backoff.next_seconds())

    async def _live_through_a_connection(self) -> Exception:
        """Connect, subscribe, and wait for the end; return its reason."""
        try:
            async with asyncio.timeout(self._timing.connect_timeout_seconds):
                protocol = await self._connect()
            await self._resubscribe(protocol)
            return await self._end_of(protocol)
        except (OSError, hiredis.ReplyError, hiredis.ProtocolError) as error:
            return error
        except Exception as error:
            log.exception("the subscriber failed")
            return error
        finally:
            self.rebuild(ConnectionAbortedError("closed by us"))

    async def _end_of(self, protocol: SubscriberProtocol) -> Exception:
        """Wait for it, and bring it about when the connection leads to the wrong place."""
        while not protocol.closed.done():
            await asyncio.wait({protocol.closed}, timeout=self._timing.whereabouts_seconds)
            if not protocol.closed.done() and await self._address.has_moved():
                protocol.abort(ConnectionAbortedError("another server is the master now"))
        return protocol.closed.result()

    def _make_protocol(self) -> SubscriberProtocol:
        return SubscriberProtocol(self._table.names, self, self._words)

    async def _connect(self) -> SubscriberProtocol:
        self._connected.clear()
        protocol = self._protocol = await self._address.open(self._make_protocol)
        if self._address.auth:
            protocol.log_in(self._address.auth)
        protocol.subscribe([self._probe_channel])
        await self._connected_or(protocol.closed)
        if protocol.closed.done():
            raise protocol.closed.result()
        return protocol

    async def _connected_or(self, closed: asyncio.Future[Exception]) -> None:
        connected = asyncio.create_task(self._connected.wait())
        either: set[asyncio.Future[Any]] = {connected, closed}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()

    async def _resubscribe(self, protocol: SubscriberProtocol) -> None:
        """Subscribe everything wanted, in jittered batches: each confirmation makes somebody read the database."""
        wires = self._table.start_over()
        self.is_connected = True
        self._listener.on_connected()
        size = self._timing.resubscribe_channels
        for start in range(0, len(wires), size):
            if start:
                await asyncio.wait({protocol.closed}, timeout=self._pause_seconds())
            protocol.subscribe(self._table.take_unsent(wires[start : start + size]))
        protocol.ping()

    def _pause_seconds(self) -> float:
        return self._timing.resubscribe_pause_seconds * (0.5 + self._random())

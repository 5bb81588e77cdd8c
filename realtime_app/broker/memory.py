"""The broker of a single process: what is published comes back to the same process on the loop's next turn."""

from __future__ import annotations

import asyncio
import itertools

from realtime_app.broker.base import Broker, LinkState
from realtime_app.broker.message_queue import MessageQueue


class MemoryBroker(Broker):
    """UP from `start` to `close`. Confirmations and messages wait for the next turn, as Redis would make them wait."""

    def __init__(self, queue: MessageQueue | None = None) -> None:
        super().__init__()
        self._queue = queue or MessageQueue()
        self._tickets: dict[str, int] = {}
        self._unconfirmed: dict[str, int] = {}
        self._ticket_numbers = itertools.count(1)
        self._state = LinkState.DOWN
        self._generation = 0
        self._is_closed = False
        self._turn: asyncio.Handle | None = None

    async def start(self) -> None:
        self._state = LinkState.UP
        self._generation = 1
        self._deliver()
        self._tell(lambda listener: listener.on_link(LinkState.UP))

    async def close(self, flush_seconds: float = 0.0) -> None:
        """End at once: there is nobody to flush to."""
        self._is_closed = True
        self._state = LinkState.DOWN
        self._listener = None
        if self._turn:
            self._turn.cancel()
            self._turn = None

    def publish(self, channel: str, message: bytes) -> None:
        if self._is_closed:
            self.stats.publish_dropped += 1
            return
        self.stats.publish_dropped += self._queue.put(channel, message)
        self._schedule()

    def subscribe(self, channel: str) -> int:
        ticket = self._tickets.get(channel)
        if ticket is None:
            ticket = self._tickets[channel] = self._unconfirmed[channel] = next(self._ticket_numbers)
            self._schedule()
        return ticket

    def unsubscribe(self, channel: str) -> None:
        self._tickets.pop(channel, None)
        self._unconfirmed.pop(channel, None)

    def is_confirmed(self, channel: str) -> bool:
        return channel in self._tickets and channel not in self._unconfirmed

    @property
    def state(self) -> LinkState:
        return self._state

    @property
    def generation(self) -> int:
        return self._generation

    @property
    def queue_length(self) -> int:
        return len(self._queue)

    def _schedule(self) -> None:
        if self.is_link_up and self._turn is None:
            self._turn = asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._turn = None
        unconfirmed, self._unconfirmed = self._unconfirmed, {}
        for channel, ticket in unconfirmed.items():
            self._confirm(channel, ticket)
        self._deliver_messages()

    def _confirm(self, channel: str, ticket: int) -> None:
        if self._tickets.get(channel) == ticket:
            self._tell(lambda listener: listener.on_confirmed(channel, ticket))

    def _deliver_messages(self) -> None:
        messages = self._queue.take_all()
        self.stats.published += len(messages)
        batch = [message for message in messages if message[0] in self._tickets]
        self.stats.received += len(batch)
        if batch:
            self._tell(lambda listener: listener.on_messages(batch))

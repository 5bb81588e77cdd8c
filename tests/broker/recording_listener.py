"""A listener that keeps what it was told, and lets a test wait for it."""

import asyncio
import time
from collections.abc import Callable

from realtime_app.broker.base import Broker, LinkState, Message

POLL_SECONDS = 0.002


class RecordingListener:
    def __init__(self, broker: Broker) -> None:
        self.batches: list[list[Message]] = []
        self.confirmed: list[tuple[str, int]] = []
        self.states: list[LinkState] = []
        self.told: list[str] = []
        """The kinds of calls in their order: messages, confirmed, up, down, deaf."""
        self.seconds_per_batch = 0.0
        """How long the process is busy with what came in one read."""
        self._broker = broker
        broker.listen(self)

    @property
    def messages(self) -> list[Message]:
        return [message for batch in self.batches for message in batch]

    def on_messages(self, batch: list[Message]) -> None:
        time.sleep(self.seconds_per_batch)
        self.batches.append(batch)
        self.told.append("messages")

    def on_confirmed(self, channel: str, ticket: int) -> None:
        self.confirmed.append((channel, ticket))
        self.told.append("confirmed")

    def on_link(self, state: LinkState) -> None:
        self.states.append(state)
        self.told.append(state.value)

    async def until(self, is_met: Callable[[], bool], within_seconds: float = 8.0) -> None:
        """Wait until the condition holds."""
        async with asyncio.timeout(within_seconds):
            while not is_met():  # noqa: ASYNC110  # counters have no event to wait for
                await asyncio.sleep(POLL_SECONDS)

    async def until_up(self) -> None:
        await self.until(lambda: self._broker.is_link_up)

    async def until_not_up(self) -> None:
        await self.until(lambda: not self._broker.is_link_up)

    async def until_message(self, message: Message) -> None:
        await self.until(lambda: message in self.messages)

    async def until_confirmed(self, channel: str, ticket: int) -> None:
        await self.until(lambda: (channel, ticket) in self.confirmed)


def subscribe_all(broker: Broker, count: int) -> list[tuple[str, int]]:
    """Subscribe numbered channels; return them with their tickets."""
    return [(channel, broker.subscribe(channel)) for channel in (f"user:{n}:events" for n in range(count))]


async def round_trip(broker: Broker, listener: RecordingListener, message: bytes) -> None:
    """Publish the message and wait until it comes back."""
    broker.subscribe("round trip")
    await listener.until(lambda: broker.is_confirmed("round trip"))
    broker.publish("round trip", message)
    await listener.until_message(("round trip", message))

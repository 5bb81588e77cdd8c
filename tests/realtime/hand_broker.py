"""A broker that delivers nothing by itself: the test says what arrives and, if it likes, when Redis confirms."""

from __future__ import annotations

import asyncio

from realtime_app.broker.base import Broker, LinkState, Message
from tests.realtime.peers import until


class HandBroker(Broker):
    """`published` are the messages handed to it; `tickets` the channels that are subscribed at this moment.

    A subscription is confirmed in the loop's next turn, unless `confirms_late` is set: then by `confirm`.
    """

    def __init__(self, state: LinkState = LinkState.UP) -> None:
        super().__init__()
        self.confirms_late = False
        self.published: list[Message] = []
        self.tickets: dict[str, int] = {}
        self.is_open = False
        self._confirmed: set[str] = set()
        self._state = state
        self._last_ticket = 0

    async def until_subscribed(self, channel: str) -> int:
        """The ticket."""
        await until(lambda: channel in self.tickets, f"{channel} was never subscribed")
        return self.tickets[channel]

    def confirm(self, channel: str, ticket: int | None = None) -> None:
        """As Redis answers; of an older SUBSCRIBE when it is given that one's ticket."""
        told = self.tickets[channel] if ticket is None else ticket
        if told == self.tickets.get(channel):
            self._confirmed.add(channel)
        self._tell(lambda listener: listener.on_confirmed(channel, told))

    def arrive(self, *batch: Message) -> None:
        """All of one read."""
        known = [message for message in batch if message[0] in self.tickets]
        self._tell(lambda listener: listener.on_messages(known))

    def turn(self, state: LinkState) -> None:
        if state is not LinkState.UP:
            self._confirmed.clear()
        self._state = state
        self._tell(lambda listener: listener.on_link(state))

    async def start(self) -> None:
        self.is_open = True
        if self.is_link_up:
            self._tell(lambda listener: listener.on_link(LinkState.UP))

    async def close(self, flush_seconds: float = 0.0) -> None:
        self.is_open = False
        self._listener = None

    def publish(self, channel: str, message: bytes) -> None:
        self.published.append((channel, message))

    def subscribe(self, channel: str) -> int:
        if channel not in self.tickets:
            self._last_ticket += 1
            self.tickets[channel] = self._last_ticket
            if not self.confirms_late and self.is_link_up:
                asyncio.get_running_loop().call_soon(self._confirm_if_wanted, channel, self._last_ticket)
        return self.tickets[channel]

    def unsubscribe(self, channel: str) -> None:
        self.tickets.pop(channel, None)
        self._confirmed.discard(channel)

    def is_confirmed(self, channel: str) -> bool:
        return channel in self._confirmed

    def _confirm_if_wanted(self, channel: str, ticket: int) -> None:
        if self.tickets.get(channel) == ticket:
            self.confirm(channel)

    @property
    def state(self) -> LinkState:
        return self._state

    @property
    def generation(self) -> int:
        return 1

    @property
    def queue_length(self) -> int:
        return 0

"""What the broker tells this process, checked and handed to the part that it concerns."""

from __future__ import annotations

import logging

from realtime_app.broker.base import Broker, LinkState, Message
from realtime_app.core.channels import CONTROL, channel_user
from realtime_app.core.control import CredentialsChanged, EpochChanged, parse_control
from realtime_app.core.published import ForeignEvent, MessageRefused, parse_published
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.feed import Feed
from realtime_app.realtime.hub import Hub
from realtime_app.realtime.revocation import Revocations
from realtime_app.realtime.sweep import Sweep

log = logging.getLogger(__name__)


class Inbound:
    """The broker's one listener."""

    def __init__(
        self, broker: Broker, hub: Hub, sweep: Sweep, revocations: Revocations, counts: RealtimeCounts
    ) -> None:
        self._broker = broker
        self._hub = hub
        self._sweep = sweep
        self._revocations = revocations
        self._counts = counts
        self._reasons_logged: set[str] = set()
        broker.listen(self)

    async def start(self) -> None:
        self._broker.subscribe(CONTROL)
        await self._broker.start()

    def on_messages(self, batch: list[Message]) -> None:
        """Everything of one read is put in line first, then sent: one send per socket for the whole batch."""
        touched: dict[str, Feed] = {}
        for channel, message in batch:
            if channel == CONTROL:
                self._hear_control(message)
            elif (feed := self._hub.feed_of(channel_user(channel))) is not None:
                self._take_in(feed, message)
                touched[channel] = feed
        for feed in touched.values():
            feed.flush()

    def on_confirmed(self, channel: str, ticket: int) -> None:
        if channel == CONTROL:
            # A word of the control channel may have been missed: the sweep looks at feeds and credentials alike.
            self._sweep.hurry_all()
        elif (feed := self._hub.confirm(channel_user(channel), ticket)) is not None:
            self._sweep.hurry(feed)

    def on_link(self, state: LinkState) -> None:
        self._sweep.on_link(state)

    def _hear_control(self, message: bytes) -> None:
        word = parse_control(message)
        if isinstance(word, CredentialsChanged):
            self._revocations.look_again(word.user_id)
        elif isinstance(word, EpochChanged):
            self._sweep.hurry_all()

    def _take_in(self, feed: Feed, message: bytes) -> None:
        try:
            event = parse_published(feed.user_id, message)
        except MessageRefused as refusal:
            self._drop(refusal.reason)
            return
        if isinstance(event, ForeignEvent):
            feed.audience.put_foreign(event.type, event.body)
        else:
            feed.receive(event)

    def _drop(self, reason: str) -> None:
        self._counts.event_drops[reason] += 1
        if reason not in self._reasons_logged:
            self._reasons_logged.add(reason)
            log.warning("a published message was dropped: %s (further ones are only counted)", reason)

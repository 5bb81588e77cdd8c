"""What every broker promises: events travel as bytes on named channels from process to process.

Knows nothing of users, events or JSON; checking what arrives is the hub's work. Nothing here is durable: whatever a
broker loses, its listener reads again from the event log.
"""

from __future__ import annotations

import enum
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)

Message = tuple[str, bytes]
"""A channel and what was published there."""

MAX_MESSAGE_BYTES = 1024 * 1024
"""Larger messages are dropped and counted in both directions; an event is at most an eighth of it."""

QUEUE_MESSAGES = 10_000
QUEUE_BYTES = 16 * 1024 * 1024


class LinkState(enum.Enum):
    """How far the link to the other processes can be trusted."""

    UP = "up"
    """Proven end to end, and every channel subscribed before it was (re)built is confirmed."""
    DOWN = "down"
    """Refused, cut, or still being built."""
    DEAF = "deaf"
    """Connected, but what is sent does not come back in time."""


class BrokerListener(Protocol):
    """Is told what happens; all three are called from the event loop and must neither block nor raise.

    A listener may call any method of the broker from within them.
    """

    def on_messages(self, batch: list[Message]) -> None:
        """Take all messages of one read, in the order in which one Redis server sent them.

        A message may be a repeat. Only channels that are subscribed at this moment occur.
        """

    def on_confirmed(self, channel: str, ticket: int) -> None:
        """From now on every message of the channel arrives: what was published before may have been missed.

        Comes once for each ticket given out by `subscribe`, and again with the same ticket each time the link was
        rebuilt or the channel went to another node. Confirmations found in one read are told before its messages.
        """

    def on_link(self, state: LinkState) -> None:
        """The state has changed. UP comes after the confirmations of a rebuilt link."""


@dataclass(slots=True)
class BrokerStats:
    """Counters since the start, for the metrics."""

    published: int = 0
    publish_dropped: int = 0
    """The queue was full, the message too large, or the broker closed."""
    publish_failures: int = 0
    """Attempts that broke off, whose messages are sent again, and messages that Redis refused."""
    received: int = 0
    received_dropped: int = 0
    """Too large."""
    rebuilds: int = 0
    probes_lost: int = 0


class Broker(ABC):
    """Publishes and subscribes for one process; built once, listened to by one listener."""

    def __init__(self) -> None:
        self.stats = BrokerStats()
        self._listener: BrokerListener | None = None

    def listen(self, listener: BrokerListener) -> None:
        """Set the one listener; to be called before `start`."""
        self._listener = listener

    @abstractmethod
    async def start(self) -> None:
        """Begin to connect, and return at once, whether or not anything can be reached."""

    @abstractmethod
    async def close(self, flush_seconds: float = 0.0) -> None:
        """Stop for good, after up to `flush_seconds` spent on sending what is still queued.

        The listener hears nothing more from the moment of the call.
        """

    @abstractmethod
    def publish(self, channel: str, message: bytes) -> None:
        """Queue the message and return: never blocks, never raises, in any state.

        The queue is bounded; when it is full its oldest messages are dropped and counted. Messages of one process
        and one channel arrive in the order of publishing; after a broken connection some may arrive twice, or late.
        """

    @abstractmethod
    def subscribe(self, channel: str) -> int:
        """Want the channel, and return the ticket under which `on_confirmed` will speak of it.

        While the channel is subscribed this changes nothing and returns the same ticket (no new confirmation comes).
        After an `unsubscribe` the ticket is a new one: the confirmation of an older SUBSCRIBE never bears it.
        """

    @abstractmethod
    def unsubscribe(self, channel: str) -> None:
        """Want the channel no more: at once no message and no confirmation of it comes. Idempotent."""

    @abstractmethod
    def is_confirmed(self, channel: str) -> bool:
        """True while the channel's present ticket is confirmed on the present link."""

    @property
    @abstractmethod
    def state(self) -> LinkState: ...

    @property
    @abstractmethod
    def generation(self) -> int:
        """0 until the first link stands; rises with every link that is built."""

    @property
    @abstractmethod
    def queue_length(self) -> int:
        """Messages that wait to be published."""

    @property
    def is_link_up(self) -> bool:
        return self.state is LinkState.UP

    def _tell(self, say: Callable[[BrokerListener], None]) -> None:
        """Call the listener; what it raises must not end the broker's own work."""
        if self._listener is None:
            return
        try:
            say(self._listener)
        except Exception:
            log.exception("the broker's listener failed")

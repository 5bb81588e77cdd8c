"""Keeps which channels are wanted, and how far Redis has confirmed them on the present connection. Does no I/O."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping


class _Channel:
    """`awaited` counts the SUBSCRIBEs not answered yet: Redis answers in order, so the last answer is the newest's."""

    __slots__ = ("awaited", "is_confirmed", "name", "sent_ticket", "ticket")

    def __init__(self, name: str) -> None:
        self.name = name
        self.ticket: int | None = None
        self.sent_ticket: int | None = None
        self.awaited = 0
        self.is_confirmed = False


class SubscriptionTable:
    """Channels by their name in Redis (`wire`), which is the prefix and the name that the listener knows."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._channels: dict[bytes, _Channel] = {}
        self._names: dict[bytes, str] = {}
        self._changed: dict[bytes, None] = {}
        self._ticket_numbers = itertools.count(1)

    @property
    def names(self) -> Mapping[bytes, str]:
        """The wanted channels' names by wire name: the one look-up made for each message."""
        return self._names

    def want(self, name: str) -> int:
        wire = self._wire(name)
        channel = self._channels.get(wire)
        if channel is None:
            channel = self._channels[wire] = _Channel(name)
        if channel.ticket is None:
            channel.ticket = next(self._ticket_numbers)
            self._names[wire] = name
            self._changed[wire] = None
        return channel.ticket

    def drop(self, name: str) -> None:
        wire = self._wire(name)
        if self._names.pop(wire, None) is not None:
            channel = self._channels[wire]
            channel.ticket = None
            channel.is_confirmed = False
            self._changed[wire] = None
            self._discard_if_done(wire, channel)

    def is_confirmed(self, name: str) -> bool:
        channel = self._channels.get(self._wire(name))
        return channel is not None and channel.is_confirmed

    def take_changes(self) -> tuple[list[bytes], list[bytes]]:
        """The channels to SUBSCRIBE and to UNSUBSCRIBE now; counts them as sent."""
        changed, self._changed = self._changed, {}
        subscribe = self.take_unsent(changed)
        unsubscribe = [wire for wire in changed if self._take_unwanted(wire)]
        return subscribe, unsubscribe

    def take_unsent(self, wires: Iterable[bytes]) -> list[bytes]:
        """Those of the channels that are wanted but not sent on this connection; counts them as sent."""
        return [wire for wire in wires if self._take_wanted(wire)]

    def start_over(self) -> list[bytes]:
        """To be called when a connection is lost, and when a new one stands: forget what was sent on the old one.

        Return all wanted channels.
        """
        self._changed.clear()
        self._channels = {wire: self._channels[wire] for wire in self._names}
        for channel in self._channels.values():
            channel.sent_ticket = None
            channel.awaited = 0
            channel.is_confirmed = False
        return list(self._channels)

    def confirm(self, wire: bytes) -> tuple[str, int] | None:
        """Take one answer to a SUBSCRIBE; return name and ticket if it confirms the present ticket."""
        channel = self._channels.get(wire)
        if channel is None or channel.awaited == 0:
            return None
        channel.awaited -= 1
        if channel.awaited or channel.ticket is None or channel.sent_ticket != channel.ticket:
            self._discard_if_done(wire, channel)
            return None
        channel.is_confirmed = True
        return channel.name, channel.ticket

    def lose_confirmed(self, wire: bytes) -> bool:
        """Redis has unsubscribed the channel. False when that was asked for; else it is to be sent again."""
        channel = self._channels.get(wire)
        if channel is None or not channel.is_confirmed:
            return False
        self._lose(wire, channel)
        return True

    def lose_awaited(self, is_lost: Callable[[bytes], bool]) -> None:
        """Redis has refused to subscribe the channels that `is_lost` names: they are to be sent again."""
        for wire, channel in list(self._channels.items()):
            if channel.awaited and is_lost(wire):
                self._lose(wire, channel)

    def _lose(self, wire: bytes, channel: _Channel) -> None:
        channel.sent_ticket = None
        channel.awaited = 0
        channel.is_confirmed = False
        if channel.ticket is not None:
            self._changed[wire] = None
        self._discard_if_done(wire, channel)

    def _take_wanted(self, wire: bytes) -> bool:
        channel = self._channels.get(wire)
        if channel is None or channel.ticket is None or channel.sent_ticket == channel.ticket:
            return False
        channel.sent_ticket = channel.ticket
        channel.awaited += 1
        return True

    def _take_unwanted(self, wire: bytes) -> bool:
        channel = self._channels.get(wire)
        if channel is None or channel.ticket is not None:
            return False
        was_sent = channel.sent_ticket is not None
        channel.sent_ticket = None
        self._discard_if_done(wire, channel)
        return was_sent

    def _discard_if_done(self, wire: bytes, channel: _Channel) -> None:
        if channel.ticket is None and channel.sent_ticket is None and channel.awaited == 0:
            del self._channels[wire]
            self._changed.pop(wire, None)

    def _wire(self, name: str) -> bytes:
        return (self._prefix + name).encode()

"""What was committed goes out: to this process's own connections at once, to the other processes by the broker."""

from __future__ import annotations

from realtime_app.broker.base import Broker
from realtime_app.core.channels import user_channel
from realtime_app.core.events import Event
from realtime_app.realtime.hub import Hub


class Publisher:
    """Called after each commit. It never waits: whatever the broker loses is in the log."""

    def __init__(self, hub: Hub, broker: Broker) -> None:
        self._hub = hub
        self._broker = broker

    def publish(self, events: list[Event]) -> None:
        """The events of one unit of work, in the order of their ids."""
        channel = user_channel(events[0].user_id)
        for event in events:
            self._broker.publish(channel, event.body)
        self._hub.deliver(events)

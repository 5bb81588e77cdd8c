"""Where the users' event logs stand, as answers to requests tell it."""

from __future__ import annotations

from realtime_app.core.place import Place
from realtime_app.errors import AccountGone
from realtime_app.realtime.hub import Hub
from realtime_app.store.event_log import EventLog


class Positions:
    """`hub` is None while realtime is off: then every question is one to the database."""

    def __init__(self, event_log: EventLog, hub: Hub | None) -> None:
        self._log = event_log
        self._hub = hub

    async def of(self, user_id: str) -> Place:
        """The log's last id and its epoch, or a place before. Raises AccountGone, DatabaseUnavailable."""
        place = self._hub.place_of(user_id) if self._hub is not None else None
        if place is not None:
            return place
        head = await self._log.head(user_id)
        if head is None:
            raise AccountGone
        return Place(head.last_id, head.epoch)

"""Events that came before one that precedes them: kept for a moment, since the one between may be on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from realtime_app.core.events import Event

HELD_EVENTS = 64
HOLD_SECONDS = 0.025
"""Two publishers overtake each other in 0.3 to 3.5 % of messages and heal within 4 ms (measured): wait, then read."""


class HeldEvents(dict[int, Event]):
    """By id. A dict itself, because with each event that arrives the feed asks whether it is empty."""

    __slots__ = ("_timer",)

    def __init__(self) -> None:
        super().__init__()
        self._timer: asyncio.TimerHandle | None = None

    def hold(self, event: Event, give_up: Callable[[], None]) -> None:
        """Calls `give_up` when too many are held, or the first of them too long."""
        self[event.id] = event
        if len(self) > HELD_EVENTS:
            give_up()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HOLD_SECONDS, give_up)

    def take(self, event_id: int) -> Event | None:
        """The event of this id, when it is held."""
        event = self.pop(event_id, None)
        if not self:
            self._stop_waiting()
        return event

    def drop(self) -> int:
        """Holds none any more, and says how far they reached: 0 when there were none."""
        highest = max(self, default=0)
        self.clear()
        self._stop_waiting()
        return highest

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

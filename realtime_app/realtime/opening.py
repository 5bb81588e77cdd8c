"""A feed's first steps: subscribe, wait for the confirmation, only then read the head. All who attach share them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from realtime_app.broker.base import Broker
from realtime_app.core.channels import user_channel
from realtime_app.realtime.feed import Feed
from realtime_app.store.event_log import EventLog, Head

CONFIRMATION_SECONDS = 0.5
"""How long the position waits for Redis; a later confirmation makes the feed catch up."""


class Opening:
    """Opens one feed. `is_waiting` until the head is being read: a confirmation that comes later was not waited for.

    `on_end` is called when the feed is open, or could not be opened.
    """

    def __init__(self, feed: Feed, broker: Broker, log: EventLog, on_end: Callable[[], None]) -> None:
        self.is_waiting = True
        self._feed = feed
        self._broker = broker
        self._log = log
        self._confirmed = asyncio.get_running_loop().create_future()
        self._channel = user_channel(feed.user_id)
        feed.ticket = broker.subscribe(self._channel)
        self._on_end = on_end
        self._task = asyncio.create_task(self._open())
        self._task.add_done_callback(self._finish)

    async def wait(self) -> Head | None:
        """The head as it was read, None when the user is gone. A caller that is cancelled doesn't end the opening for
        the others. Raises DatabaseUnavailable.
        """
        return await asyncio.shield(self._task)

    def confirm(self) -> None:
        if not self._confirmed.done():
            self._confirmed.set_result(None)

    def cancel(self) -> None:
        self._task.cancel()

    async def wait_until_ended(self) -> None:
        await asyncio.wait([self._task])

    def _finish(self, task: asyncio.Task[Head | None]) -> None:
        if not task.cancelled():
            task.exception()  # those who attach hear of it; when all of them have left, nobody has to
        self._on_end()

    async def _open(self) -> Head | None:
        if self._broker.is_link_up and not self._broker.is_confirmed(self._channel):
            await asyncio.wait([self._confirmed], timeout=CONFIRMATION_SECONDS)
        self.is_waiting = False
        head = await self._log.head(self._feed.user_id)
        if head is not None:
            self._feed.open(head)
        return head

"""The net under everything: compares all feeds with the database, and all open credentials, over and over.

It finds what no message told: a publish that got lost, a process that died between commit and publish, Redis away.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

from realtime_app.broker.base import LinkState
from realtime_app.errors import DatabaseUnavailable
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.feed import Cause, Feed
from realtime_app.realtime.hub import Hub
from realtime_app.realtime.revocation import Revocations
from realtime_app.store.event_log import PAGE, EventLog

log = logging.getLogger(__name__)

FAST_SECONDS = 1.0
"""The length of a round while the link to the other processes is down or deaf, or the last round was cut short."""

_HURRY_JITTER_SECONDS = 0.05


class Sweep:
    """One round takes `interval_seconds`, its queries spread evenly over it. No clock of any row takes part."""

    def __init__(
        self, hub: Hub, event_log: EventLog, revocations: Revocations, counts: RealtimeCounts, interval_seconds: float
    ) -> None:
        self._hub = hub
        self._log = event_log
        self._revocations = revocations
        self._counts = counts
        self._interval_seconds = interval_seconds
        self._is_fast = True  # until the broker says that the link is up
        self._is_behind = False
        self._quicken = asyncio.Event()
        self._hurried: dict[str, Feed] = {}
        self._hurry_task: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        tasks = [task for task in (self._task, self._hurry_task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def on_link(self, state: LinkState) -> None:
        """While the link isn't up a round takes a second, and the first one begins at once."""
        self._is_fast = state is not LinkState.UP
        if self._is_fast:
            self._quicken.set()

    def hurry(self, feed: Feed) -> None:
        """Compares this feed soon, together with others that hurry: its channel was confirmed anew."""
        self._hurried[feed.user_id] = feed
        if self._hurry_task is None:
            self._hurry_task = asyncio.create_task(self._check_hurried())

    def hurry_all(self) -> None:
        for feed in self._hub.feeds():
            self.hurry(feed)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            begun = share_ends = loop.time()
            failures = self._counts.sweep_failures
            feeds = self._hub.feeds()
            chunks = _chunks(feeds) or [[]]
            for chunk in chunks:
                share_ends = await self._pause(share_ends, len(chunks))
                await self._check_and_log(chunk, Cause.SWEEP)
            # Those that came during the round would otherwise wait for the end of the next one.
            for chunk in _chunks(list(set(self._hub.feeds()).difference(feeds))):
                await self._check_and_log(chunk, Cause.SWEEP)
            self._is_behind = self._counts.sweep_failures != failures
            self._counts.sweeps += 1
            self._counts.sweep_lag_seconds = max(0.0, loop.time() - begun - self._interval_seconds)

    async def _pause(self, since: float, chunks: int) -> float:
        """Waits until a chunk's share of the round has passed `since` the last one's; returns when that was due.

        So the round takes no longer for what its queries take.
        """
        self._quicken.clear()
        due = since + (FAST_SECONDS if self._is_fast or self._is_behind else self._interval_seconds) / chunks
        try:
            async with asyncio.timeout_at(due):
                await self._quicken.wait()
            return asyncio.get_running_loop().time()
        except TimeoutError:
            return due

    async def _check_hurried(self) -> None:
        try:
            while self._hurried:
                await asyncio.sleep(random.uniform(0, _HURRY_JITTER_SECONDS))
                chunk = [self._hurried.pop(user_id) for user_id in list(self._hurried)[:PAGE]]
                await self._check_and_log(chunk, Cause.CONFIRMED)
        finally:
            self._hurry_task = None

    async def _check_and_log(self, feeds: Sequence[Feed], cause: Cause) -> None:
        try:
            await self._check([feed for feed in feeds if feed.is_open], cause)
        except DatabaseUnavailable:
            self._fall_behind()
        except Exception:
            self._fall_behind()
            log.exception("a part of the sweep failed")

    def _fall_behind(self) -> None:
        self._counts.sweep_failures += 1
        self._is_behind = True
        self._quicken.set()

    async def _check(self, feeds: Sequence[Feed], cause: Cause) -> None:
        if not feeds:
            return
        before = {feed.user_id: feed.mark for feed in feeds}
        heads = await self._log.heads(list(before))
        for feed in feeds:
            head = heads.get(feed.user_id)
            if head is None:
                self._hub.user_gone(feed.user_id)
            else:
                feed.compare(before[feed.user_id], head, cause)
        await self._revocations.recheck([member for feed in feeds for member in feed.audience.everyone()])


def _chunks(feeds: list[Feed]) -> list[list[Feed]]:
    return [feeds[start : start + PAGE] for start in range(0, len(feeds), PAGE)]

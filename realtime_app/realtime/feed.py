"""One user in this process: its position, its connections, and what keeps the two complete and in order."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from realtime_app.core.events import Event, FrameType, ResyncPayload, encode_frame
from realtime_app.core.frames import text_frame
from realtime_app.core.place import Place
from realtime_app.errors import DatabaseUnavailable
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.client_socket import SMALL_OUTPUT_BYTES
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.fan_out import Audience
from realtime_app.realtime.held_events import HeldEvents
from realtime_app.store.event_log import EventLog, Head, Page

log = logging.getLogger(__name__)

_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Cause(StrEnum):
    """Why a feed reads the log; labels the metric."""

    HOLE = "hole"
    HEARD = "heard"
    SWEEP = "sweep"
    CONFIRMED = "confirmed"


class ResyncReason(StrEnum):
    """Why clients must refetch everything; travels in the `resync` frame."""

    REWOUND = "rewound"
    EPOCH = "epoch"
    HOLE = "hole"


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What all feeds share. `user_gone` is called when the log says that the user exists no more.

    `fell_behind` is told who is left behind by a catch-up, and comes back by a replay of its own.
    """

    log: EventLog
    clock: Callable[[], datetime]
    user_gone: Callable[[str], None]
    fell_behind: Callable[[Connection, Feed], None]
    counts: RealtimeCounts


class Mark(NamedTuple):
    """A feed's place, and which of its resyncs it belongs to: what was read before one says nothing after it."""

    position: int
    epoch: str
    resyncs: int


class Feed:
    """Delivers each event of one user once and in the order of ids, whatever order and number they arrive in.

    `open()` comes first: until it has returned, arriving events are only remembered as heard. `receive` puts an event
    in line, `flush` sends what is in line. The position moves by nothing but the next event of the log's own epoch,
    and by a resync; `resyncs` counts these. `ticket` is the broker's for the present subscription.
    """

    __slots__ = (
        "_around",
        "_catch_up_task",
        "_held",
        "_highest_heard",
        "_requests",
        "_waiters",
        "audience",
        "epoch",
        "is_open",
        "position",
        "resyncs",
        "ticket",
        "user_id",
    )

    def __init__(self, user_id: str, around: FeedContext) -> None:
        self.user_id = user_id
        self.position = 0
        self.epoch = ""
        self.is_open = False
        self.resyncs = 0
        self.ticket = 0
        self.audience = Audience()
        self._around = around
        self._highest_heard = 0
        self._held = HeldEvents()
        self._catch_up_task: asyncio.Task[None] | None = None
        self._requests = 0
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def place(self) -> Place:
        return Place(self.position, self.epoch)

    @property
    def mark(self) -> Mark:
        """To be taken before the log is read: see `compare`."""
        return Mark(self.position, self.epoch, self.resyncs)

    @property
    def is_catching_up(self) -> bool:
        return self._catch_up_task is not None

    def open(self, head: Head) -> None:
        """Takes the head that was read after the channel's confirmation, or without it when there is no link."""
        if self.is_open:
            return
        self.position, self.epoch, self.is_open = head.last_id, head.epoch, True
        if self._requests or self._highest_heard > self.position:
            self.catch_up(Cause.HEARD)

    def close(self) -> None:
        """For good: what is still said about it is not listened to."""
        self.is_open = False
        self._held.drop()
        if self._catch_up_task is not None:
            self._catch_up_task.cancel()
        self._wake_waiters()

    def receive(self, event: Event) -> None:
        # First what nearly every event is: the next one.
        if event.id == self.position + 1 and self.is_open and event.epoch == self.epoch and not self._catch_up_task:
            self._apply(event)
            if self._held:
                self._apply_held()
        elif not self.is_open:
            self._highest_heard = max(self._highest_heard, event.id)
        elif event.epoch != self.epoch:
            self._around.counts.event_drops["epoch"] += 1
        elif event.id <= self.position:
            self._around.counts.events_repeated += 1
        elif self.is_catching_up:
            self._hear(event.id)
        else:
            self._held.hold(event, self._give_up_holding)

    def flush(self) -> None:
        """Sends what `receive` put in line: to be called once for everything that arrived together."""
        self._around.counts.events_delivered += self.audience.flush()
        if self._waiters:
            self._wake_waiters()

    def heard_of(self, last_id: int, cause: Cause = Cause.HEARD) -> None:
        """Somebody knows that the log reaches `last_id`: reads it when that is news."""
        if last_id > self.position:
            self._hear(last_id)
            self.catch_up(cause)

    def compare(self, before: Mark, head: Head, cause: Cause) -> bool:
        """Holds a head of the database against the feed as it was when the head was asked for.

        False when a resync came in between: this head may be older than what the feed already knows.
        """
        if self.resyncs != before.resyncs:
            return False
        if reason := _resync_reason(before, head):
            self._resync(head, reason)
            # Messages of the new epoch may have been dropped while the feed held the old one.
            self.catch_up(cause)
        else:
            self.heard_of(head.last_id, cause)
        return True

    def catch_up(self, cause: Cause) -> None:
        """Reads the log until nothing newer is there. One reads at a time; a request during a read makes one more."""
        self._requests += 1
        if highest_held := self._held.drop():
            self._hear(highest_held)
        if self._catch_up_task is None and self.is_open:
            self._around.counts.catch_ups[cause] += 1
            self._catch_up_task = asyncio.create_task(self._catch_up())

    async def moved(self) -> None:
        """Returns after the position or the epoch may have moved, a catch-up has ended or the feed was closed."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    # Applying

    def _apply(self, event: Event) -> None:
        self.position = event.id
        self.audience.put(event.type, event.body)

    def _apply_held(self) -> None:
        while event := self._held.take(self.position + 1):
            self._apply(event)

    def _give_up_holding(self) -> None:
        self.catch_up(Cause.HOLE)

    def _hear(self, event_id: int) -> None:
        self._highest_heard = max(self._highest_heard, event_id)
        self._requests += 1

    def _wake_waiters(self) -> None:
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    # Catching up

    async def _catch_up(self) -> None:
        try:
            while await self._read_once():
                pass
        except Exception:
            log.exception("catch-up failed; the sweep will try again")
        finally:
            self._catch_up_task = None
            self._wake_waiters()

    async def _read_once(self) -> bool:
        """One page; True when there may be more."""
        before, requests, heard = self.mark, self._requests, self._highest_heard
        page = await self._read(before.position)
        if page is None:
            self._around.user_gone(self.user_id)
            return False
        if self.resyncs != before.resyncs:
            return True
        if reason := _resync_reason(before, page.head):
            self._resync(page.head, reason)
            return True
        if page.events or page.head.last_id > before.position:
            self._apply_page(page)
            # Where the page reaches the head that it was read with, an empty one after it would say nothing new.
            return self.position < max(page.head.last_id, heard) or self._requests != requests
        if heard > self.position:
            self._drop_unknown()
        return self._requests != requests

    async def _read(self, after: int) -> Page | None:
        attempt = 0
        while True:
            try:
                return await self._around.log.read(self.user_id, after)
            except DatabaseUnavailable:
                longest = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
                await asyncio.sleep(random.uniform(longest / 2, longest))
                attempt += 1

    def _apply_page(self, page: Page) -> None:
        # Pages come faster than many a line can carry them away: who would pass its limit goes on at its own pace.
        for connection in self.audience.set_back(SMALL_OUTPUT_BYTES):
            self._around.fell_behind(connection, self)
        came_from = self.position
        for event in page.events:
            if event.id == self.position + 1:
                self._apply(event)
            elif event.id > self.position:
                break
        if self.position == came_from < page.head.last_id:
            self._resync(page.head, ResyncReason.HOLE)
        self.flush()

    def _drop_unknown(self) -> None:
        self._around.counts.event_drops["not_in_log"] += 1
        self._highest_heard = self.position

    def _resync(self, head: Head, reason: ResyncReason) -> None:
        self.position, self.epoch, self._highest_heard = head.last_id, head.epoch, head.last_id
        self.resyncs += 1
        self._held.drop()
        self._around.counts.resyncs[reason] += 1
        self.audience.broadcast(resync_frame(reason, head, self._around.clock()))
        self._wake_waiters()


def _resync_reason(before: Mark, head: Head) -> ResyncReason | None:
    """What happened to the log when its head lies before a position that was reached earlier."""
    if head.epoch != before.epoch:
        return ResyncReason.EPOCH
    return ResyncReason.REWOUND if head.last_id < before.position else None


def resync_frame(reason: ResyncReason, head: Head, at: datetime) -> bytes:
    payload: ResyncPayload = {"reason": reason, "epoch": head.epoch, "lastEventId": head.last_id}
    return text_frame(encode_frame(FrameType.RESYNC, payload, at))

"""Brings one connection from its own position to its feed's: page after page from the log, then it joins the feed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from realtime_app.core.close_codes import CloseCode
from realtime_app.core.heartbeat import LATE_SECONDS
from realtime_app.errors import DatabaseUnavailable
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.client_socket import SMALL_OUTPUT_BYTES, ClientSocket
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.fan_out import readable_frames
from realtime_app.realtime.feed import Cause, Feed, ResyncReason, resync_frame
from realtime_app.store.event_log import EventLog, Head, Page

NO_PROGRESS_SECONDS = 30.0
LOOK_SECONDS = 1.0
_DATABASE_PAUSE_SECONDS = 0.5


class Replay:
    """Shared by all connections of the process. How many pages are read at the same time is bounded by the log."""

    def __init__(self, log: EventLog, clock: Callable[[], datetime], counts: RealtimeCounts) -> None:
        self._log = log
        self._clock = clock
        self._counts = counts
        self.running = 0

    async def run(self, connection: Connection, feed: Feed, resyncs: int) -> None:
        """Ends with the connection in the feed, or closed. `resyncs` are those of the feed that it has heard of."""
        self.running += 1
        try:
            self._counts.replays += connection.position < feed.position
            while await self._wait_for_room(connection):
                if feed.resyncs != resyncs or connection.epoch != feed.epoch:
                    resyncs = feed.resyncs
                    self._resync_with(feed, connection)
                # No await between this check and the join: nothing newer can slip in between.
                if connection.position == feed.position:
                    self._join(connection, feed)
                    return
                await self._advance(connection, feed)
        finally:
            self.running -= 1

    def _join(self, connection: Connection, feed: Feed) -> None:
        feed.audience.join(connection)
        connection.follow(feed)

    async def _advance(self, connection: Connection, feed: Feed) -> None:
        """Sends what the log has after the connection's position; when that is nothing, the feed has to come there."""
        before = feed.mark
        head = await self._send_page(connection)
        if head is None or not connection.is_open:
            return
        if feed.compare(before, head, Cause.HEARD) and feed.resyncs == before.resyncs:
            if head.last_id < connection.position:
                self._resync(connection, head, ResyncReason.REWOUND)
            elif feed.position < connection.position:
                await feed.moved()

    async def _send_page(self, connection: Connection) -> Head | None:
        """The log's head when it has nothing for this connection, else None."""
        page = await self._read(connection)
        if page is None:
            connection.close(CloseCode.CREDENTIAL_REFUSED, "This account no longer exists")
            return None
        return None if self._send_events(connection, page) else page.head

    async def _read(self, connection: Connection) -> Page | None:
        """None when the user or the client is gone."""
        while connection.is_open:
            try:
                return await self._log.read(connection.user_id, connection.position, is_patient=True)
            except DatabaseUnavailable:
                await asyncio.sleep(_DATABASE_PAUSE_SECONDS)
        return None

    async def _wait_for_room(self, connection: Connection) -> bool:
        """Waits until the client has taken nearly all: as long as it takes, if it takes something now and then.

        False when the connection is closed.
        """
        socket = connection.socket
        while socket.is_open and socket.queued_bytes > SMALL_OUTPUT_BYTES:
            if not await _progresses(socket):
                connection.close(CloseCode.TOO_SLOW, "The replay made no progress")
        return socket.is_open

    def _send_events(self, connection: Connection, page: Page) -> bool:
        """False when the page has nothing that follows the connection's position."""
        if page.head.epoch != connection.epoch or page.head.last_id <= connection.position:
            return False
        events = []
        for event in page.events:
            if event.id != connection.position + 1:
                break
            connection.position = event.id
            events.append((event.type, event.body))
        if not events:
            self._resync(connection, page.head, ResyncReason.HOLE)
        elif frames := readable_frames(connection, events):
            self._counts.events_replayed += len(frames)
            connection.socket.send(b"".join(frames))
        return True

    def _resync_with(self, feed: Feed, connection: Connection) -> None:
        reason = ResyncReason.REWOUND if connection.epoch == feed.epoch else ResyncReason.EPOCH
        self._resync(connection, Head(feed.position, 0, feed.epoch), reason)

    def _resync(self, connection: Connection, head: Head, reason: ResyncReason) -> None:
        connection.position, connection.epoch = head.last_id, head.epoch
        self._counts.resyncs[reason] += 1
        connection.socket.send(resync_frame(reason, head, self._clock()))


async def _progresses(socket: ClientSocket) -> bool:
    """False when the client has taken nothing for NO_PROGRESS_SECONDS.

    They pass in short looks: when one of them ends late, the process stood still, and the waiting has to begin anew.
    """
    loop = asyncio.get_running_loop()
    progress = asyncio.ensure_future(socket.progress())
    try:
        for _ in range(round(NO_PROGRESS_SECONDS / LOOK_SECONDS)):
            due = loop.time() + LOOK_SECONDS
            await asyncio.wait([progress], timeout=LOOK_SECONDS)
            if progress.done() or loop.time() - due > LATE_SECONDS:
                return True
        return False
    finally:
        progress.cancel()

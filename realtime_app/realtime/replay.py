"""Brings one connection from its own position to its feed's: page after page from the log, then it joins the feed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from realtime_app.core.close_codes import CloseCode
from realtime_app.errors import DatabaseUnavailable
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.fan_out import readable_frames
from realtime_app.realtime.feed import Feed, ResyncReason, resync_frame
from realtime_app.store.event_log import EventLog, Head, Page

REPLAYS_AT_ONCE = 32
CHUNK_BYTES = 256 * 1024
"""Output of one replay that may be unsent: below the limit at which a connection counts as too slow."""

NO_PROGRESS_SECONDS = 30.0
_DATABASE_PAUSE_SECONDS = 0.5


class Replay:
    """Shared by all connections of the process: it holds the places in which pages may be read at the same time."""

    def __init__(self, log: EventLog, clock: Callable[[], datetime], counts: RealtimeCounts) -> None:
        self._log = log
        self._clock = clock
        self._counts = counts
        self._places = asyncio.Semaphore(REPLAYS_AT_ONCE)
        self.running = 0

    async def run(self, connection: Connection, feed: Feed) -> None:
        """Ends with the connection in the feed, or closed."""
        self.running += 1
        try:
            self._counts.replays += connection.position < feed.position
            while connection.is_open and not self._joined(connection, feed):
                if connection.position > feed.position:
                    feed.heard_of(connection.position)
                    await feed.moved()
                else:
                    await self._send_page(connection)
        finally:
            self.running -= 1

    def _joined(self, connection: Connection, feed: Feed) -> bool:
        # No await between this check and the join: nothing newer can slip in between.
        if connection.epoch != feed.epoch:
            head = Head(feed.position, 0, feed.epoch)
            self._resync(connection, head, ResyncReason.EPOCH)
        if connection.position != feed.position:
            return False
        feed.audience.join(connection)
        connection.follow(feed)
        return True

    async def _send_page(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(NO_PROGRESS_SECONDS):
                page = await self._read(connection)
                if page is None:
                    connection.close(CloseCode.CREDENTIAL_REFUSED, "This account no longer exists")
                    return
                self._send_chunk(connection, page)
                await connection.socket.drained(CHUNK_BYTES // 4)
        except TimeoutError:
            connection.close(CloseCode.TOO_SLOW, "The replay made no progress")

    async def _read(self, connection: Connection) -> Page | None:
        while True:
            try:
                async with self._places:
                    return await self._log.read(connection.user_id, connection.position)
            except DatabaseUnavailable:
                await asyncio.sleep(_DATABASE_PAUSE_SECONDS)

    def _send_chunk(self, connection: Connection, page: Page) -> None:
        """Sends what fits; what doesn't is read again, so that no page is kept while a slow client drinks."""
        if page.head.epoch != connection.epoch:
            self._resync(connection, page.head, ResyncReason.EPOCH)
            return
        came_from, chunk, size = connection.position, [], 0
        for event in page.events:
            if event.id != connection.position + 1 or size > CHUNK_BYTES:
                break
            connection.position = event.id
            chunk.append((event.type, event.body))
            size += len(event.body)
        if connection.position == came_from and page.head.last_id > came_from:
            self._resync(connection, page.head, ResyncReason.HOLE)
        elif frames := readable_frames(connection, chunk):
            self._counts.events_replayed += len(frames)
            connection.socket.send(b"".join(frames))

    def _resync(self, connection: Connection, head: Head, reason: ResyncReason) -> None:
        connection.position, connection.epoch = head.last_id, head.epoch
        self._counts.resyncs[reason] += 1
        connection.socket.send(resync_frame(reason, head, self._clock()))

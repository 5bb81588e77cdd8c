"""All feeds of this process: connections come and go, and each event reaches the feed that it concerns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import datetime
from typing import Any

from realtime_app.broker.base import Broker
from realtime_app.core.channels import user_channel
from realtime_app.core.close_codes import CloseCode
from realtime_app.core.events import ConnectedPayload, Event, FrameType, encode_frame
from realtime_app.core.frames import text_frame
from realtime_app.core.place import Place
from realtime_app.errors import AppError
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.feed import Cause, Feed, FeedContext
from realtime_app.realtime.opening import Opening
from realtime_app.realtime.replay import Replay
from realtime_app.store.event_log import EventLog, Head

log = logging.getLogger(__name__)

LINGER_SECONDS = 5.0
"""A feed outlives its last connection by this: a tab that reloads finds it still subscribed."""

_RESTARTS = "This server restarts; come back at once"

DRAIN_SHARE = 0.7
"""Part of the drain over which the closes are spread, so that clients don't come back all at once."""


class Hub:
    """Attach, detach, deliver, drain. The broker must have started before the first `attach`."""

    def __init__(
        self,
        broker: Broker,
        event_log: EventLog,
        *,
        clock: Callable[[], datetime],
        counts: RealtimeCounts,
        most_connections_per_user: int,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._broker = broker
        self._log = event_log
        self._clock = clock
        self._most_connections = most_connections_per_user
        self._linger_seconds = linger_seconds
        self._around = FeedContext(event_log, clock, self.user_gone, self._fell_behind, counts)
        self._feeds: dict[str, Feed] = {}
        self._openings: dict[Feed, Opening] = {}
        self._lingering: dict[Feed, asyncio.TimerHandle] = {}
        self._is_draining = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.replay = Replay(event_log, clock, counts)

    async def close(self) -> None:
        """Ends what is under way; connections are closed by `drain`."""
        for timer in self._lingering.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for opening in list(self._openings.values()):
            opening.cancel()
            await opening.wait_until_ended()
        for feed in self._feeds.values():
            feed.close()

    @property
    def connection_count(self) -> int:
        return sum(len(feed.audience) for feed in self._feeds.values())

    @property
    def feed_count(self) -> int:
        return len(self._feeds)

    @property
    def replay_count(self) -> int:
        return self.replay.running

    def feeds(self) -> list[Feed]:
        return list(self._feeds.values())

    def connections(self) -> Iterator[Connection]:
        for feed in self.feeds():
            yield from feed.audience.everyone()

    def connections_of(self, user_id: str) -> list[Connection]:
        feed = self._feeds.get(user_id)
        return feed.audience.everyone() if feed else []

    def is_full(self, user_id: str) -> bool:
        """The user has as many connections here as one may have."""
        feed = self._feeds.get(user_id)
        return feed is not None and len(feed.audience) >= self._most_connections

    def place_of(self, user_id: str) -> Place | None:
        """A place that the user's log has reached; None when this process doesn't follow the log."""
        feed = self._feeds.get(user_id)
        return feed.place if feed is not None and feed.is_open else None

    # Connections

    def attach(self, connection: Connection, since: Place | None) -> None:
        """Takes an open connection in: `connected`, what it missed since then, then the live events."""
        if self._is_draining:
            connection.close(CloseCode.RESTARTING, _RESTARTS)
            return
        if self.is_full(connection.user_id):
            connection.close(CloseCode.TOO_MANY_CONNECTIONS, f"At most {self._most_connections} connections")
            return
        feed = self._feed(connection.user_id)
        feed.audience.enter(connection)
        self._stop_lingering(feed)
        self._spawn(connection, self._bring_in(connection, feed, since))

    def detach(self, connection: Connection) -> None:
        """The connection has closed. Idempotent."""
        feed = self._feeds.get(connection.user_id)
        if feed is None:
            return
        feed.audience.leave(connection)
        if not len(feed.audience):
            self._stop_lingering(feed)
            loop = asyncio.get_running_loop()
            self._lingering[feed] = loop.call_later(self._linger_seconds, self._release, feed)

    async def drain(self, seconds: float) -> None:
        """Closes every connection with 1012, spread over a part of `seconds`; one that comes now is closed at once.

        Cancelled, because time ran out on a busy machine, it closes the rest without a pause: nobody is just cut off.
        """
        self._is_draining = True
        connections = list(self.connections())
        loop = asyncio.get_running_loop()
        begun, share = loop.time(), seconds * DRAIN_SHARE
        try:
            for number, connection in enumerate(connections):
                due = begun + share * number / len(connections)
                if (delay := due - loop.time()) > 0:
                    await asyncio.sleep(delay)
                connection.close(CloseCode.RESTARTING, _RESTARTS)
        finally:
            for connection in connections:
                connection.close(CloseCode.RESTARTING, _RESTARTS)

    async def _bring_in(self, connection: Connection, feed: Feed, since: Place | None) -> None:
        head = await self._open_head(feed)
        if head is None:
            connection.close(CloseCode.CREDENTIAL_REFUSED, "This account no longer exists")
        elif connection.is_open:
            self._welcome(connection, head, since)
            await self.replay.run(connection, feed, feed.resyncs)

    def _fell_behind(self, connection: Connection, feed: Feed) -> None:
        connection.fall_behind()
        self._spawn(connection, self.replay.run(connection, feed, feed.resyncs))

    def _spawn(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._see_through(connection, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _see_through(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AppError as error:
            connection.close(CloseCode.RESTARTING, error.message)
        except Exception:
            log.exception("a connection could not be brought in")
            connection.close(CloseCode.INTERNAL_ERROR, "Something went wrong on our side")

    async def _open_head(self, feed: Feed) -> Head | None:
        """The log's head, read after this call began and not before a resync; the feed is open afterwards."""
        if not feed.is_open:
            opening = self._openings.get(feed) or self._begin_opening(feed)
            is_shared = opening.is_waiting
            head = await opening.wait()
            if head is None or (is_shared and feed.resyncs == 0):
                return head
        while True:
            before = feed.mark
            head = await self._log.head(feed.user_id)
            if head is None or feed.compare(before, head, Cause.HEARD):
                return head

    def _welcome(self, connection: Connection, head: Head, since: Place | None) -> None:
        recovered = since is not None and head.covers(*since)
        connection.position = since.position if since is not None and recovered else head.last_id
        connection.epoch = head.epoch
        payload: ConnectedPayload = {
            "userId": connection.user_id,
            "connectionId": connection.connection_id,
            "epoch": head.epoch,
            "lastEventId": connection.position,
            "recovered": recovered,
        }
        connection.socket.send(text_frame(encode_frame(FrameType.CONNECTED, payload, self._clock())))
        connection.start()

    # Feeds

    def confirm(self, user_id: str, ticket: int) -> Feed | None:
        """The channel's subscription was confirmed. Gives the feed when it may have missed something before that."""
        feed = self._feeds.get(user_id)
        if feed is None or feed.ticket != ticket:
            return None
        opening = self._openings.get(feed)
        if opening is not None and opening.is_waiting:
            opening.confirm()
            return None
        if not feed.is_open:
            feed.catch_up(Cause.CONFIRMED)
            return None
        return feed

    def _feed(self, user_id: str) -> Feed:
        feed = self._feeds.get(user_id)
        if feed is None:
            feed = self._feeds[user_id] = Feed(user_id, self._around)
        return feed

    def _begin_opening(self, feed: Feed) -> Opening:
        opening = Opening(feed, self._broker, self._log, lambda: self._opened(feed))
        self._openings[feed] = opening
        return opening

    def _opened(self, feed: Feed) -> None:
        del self._openings[feed]

    def _stop_lingering(self, feed: Feed) -> None:
        if (timer := self._lingering.pop(feed, None)) is not None:
            timer.cancel()

    def _release(self, feed: Feed) -> None:
        del self._lingering[feed]
        del self._feeds[feed.user_id]
        self._broker.unsubscribe(user_channel(feed.user_id))
        if (opening := self._openings.get(feed)) is not None:
            opening.cancel()
        feed.close()

    def user_gone(self, user_id: str) -> None:
        for connection in self.connections_of(user_id):
            connection.close(CloseCode.CREDENTIAL_REFUSED, "This account no longer exists")

    # Events

    def feed_of(self, user_id: str) -> Feed | None:
        return self._feeds.get(user_id)

    def deliver(self, events: Sequence[Event]) -> None:
        """Events of one user that this process has just committed."""
        feed = self._feeds.get(events[0].user_id)
        if feed is not None:
            for event in events:
                feed.receive(event)
            feed.flush()

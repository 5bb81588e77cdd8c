"""The hot path: one user's events become frames once and go to that user's connections, one send for a whole batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from realtime_app.core.frames import text_frame
from realtime_app.core.published import family_of, without_session_name

if TYPE_CHECKING:
    from realtime_app.realtime.connection import Connection


class Audience:
    """The connections of one user. `put` collects, `flush` sends: what came together travels together.

    A connection enters first; it hears nothing until it has joined, which its replay decides.
    """

    __slots__ = ("_entered", "_keys", "_outbox", "_sessions")

    def __init__(self) -> None:
        self._entered: list[Connection] = []
        self._sessions: list[Connection] = []
        self._keys: list[Connection] = []
        self._outbox: list[tuple[str, bytes]] = []

    def __len__(self) -> int:
        return len(self._entered) + len(self._sessions) + len(self._keys)

    def everyone(self) -> list[Connection]:
        return [*self._entered, *self._sessions, *self._keys]

    def enter(self, connection: Connection) -> None:
        self._entered.append(connection)

    def join(self, connection: Connection) -> None:
        self._entered.remove(connection)
        self._group(connection).append(connection)

    def set_back(self, most_unsent_bytes: int) -> list[Connection]:
        """Those who have more than that unsent: they are as if they had just entered."""
        slow = [one for one in (*self._sessions, *self._keys) if one.socket.queued_bytes > most_unsent_bytes]
        for connection in slow:
            self._group(connection).remove(connection)
            self._entered.append(connection)
        return slow

    def leave(self, connection: Connection) -> None:
        """Idempotent."""
        for group in (self._entered, self._group(connection)):
            if connection in group:
                group.remove(connection)

    def put(self, event_type: str, body: bytes) -> None:
        self._outbox.append((event_type, body))

    def put_foreign(self, event_type: str, body: bytes) -> None:
        """An event that is in no log: no replay would bring it, so those who are still on their way hear it at once."""
        self.put(event_type, body)
        for connection in self._entered:
            if connection.is_greeted and (frames := readable_frames(connection, [(event_type, body)])):
                connection.socket.send(frames[0])

    def flush(self) -> int:
        """Sends what was put since the last flush; returns how many events were handed to sockets."""
        outbox = self._outbox
        if not outbox:
            return 0
        self._outbox = []
        delivered = 0
        # Nobody leaves on the way: a socket tells of its end in a later turn of the loop.
        if sessions := self._sessions:
            frames = b"".join([text_frame(body) for _, body in outbox])
            for connection in sessions:
                connection.socket.send(frames)
            delivered = len(outbox) * len(sessions)
        if self._keys:
            delivered += self._send_to_keys(outbox)
        return delivered

    def broadcast(self, frame: bytes) -> None:
        """A frame about the connections themselves, after everything that was put before it."""
        self.flush()
        for connection in [*self._sessions, *self._keys]:
            connection.socket.send(frame)

    def _group(self, connection: Connection) -> list[Connection]:
        return self._sessions if connection.hears_all else self._keys

    def _send_to_keys(self, outbox: list[tuple[str, bytes]]) -> int:
        frames = _frames_for_keys(outbox)
        delivered = 0
        for connection in self._keys:
            if readable := [frame for family, frame in frames if family in connection.families]:
                connection.socket.send(b"".join(readable))
                delivered += len(readable)
        return delivered


def readable_frames(connection: Connection, events: list[tuple[str, bytes]]) -> list[bytes]:
    """The frames of those events (type, body) that this connection may hear, in the words it may read."""
    if connection.hears_all:
        return [text_frame(body) for _, body in events]
    return [frame for family, frame in _frames_for_keys(events) if family in connection.families]


def _frames_for_keys(events: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Each event's family and its frame as all keys that may hear it get it."""
    return [(family_of(event_type), text_frame(without_session_name(body))) for event_type, body in events]

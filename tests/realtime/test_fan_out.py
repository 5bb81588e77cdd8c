"""One frame for all, one send for a batch, and to each connection only what it may hear."""

from __future__ import annotations

import orjson
import pytest

from realtime_app.auth.caller import Caller
from realtime_app.core.events import EventType
from realtime_app.core.frames import text_frame
from realtime_app.core.scopes import ALL_SCOPES, Scope
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.fan_out import Audience
from tests.realtime.connections import Server
from tests.realtime.recording_socket import RecordingSocket

SESSION = Caller("user-1", "session", "sid-1", "public-1", "Firefox", ALL_SCOPES, None)


def key(*scopes: Scope) -> Caller:
    return Caller("user-1", "key", "key-1", "key-1", "Agent", frozenset(scopes), None)


def event(event_type: str, number: int = 1, actor: object = None) -> tuple[str, bytes]:
    return event_type, orjson.dumps({"type": event_type, "payload": {}, "id": number, "actor": actor})


class Room:
    def __init__(self) -> None:
        self.audience = Audience()

    def enter(self, caller: Caller = SESSION) -> tuple[Connection, RecordingSocket]:
        socket = RecordingSocket()
        connection = Connection(socket, caller, "connection-1", Server().surroundings())
        self.audience.enter(connection)
        return connection, socket

    def join(self, caller: Caller = SESSION) -> RecordingSocket:
        connection, socket = self.enter(caller)
        self.audience.join(connection)
        return socket

    def send(self, *events: tuple[str, bytes]) -> int:
        for event_type, body in events:
            self.audience.put(event_type, body)
        return self.audience.flush()


@pytest.fixture
def room() -> Room:
    return Room()


def test_what_came_together_travels_in_one_send_as_the_bytes_that_were_published(room: Room) -> None:
    one, other = room.join(), room.join()
    events = [event("task:created", 1), event("user:updated", 2)]
    assert room.send(*events) == 4
    assert one.sends == other.sends == [b"".join(text_frame(body) for _, body in events)]


def test_all_sessions_are_sent_the_same_bytes_object(room: Room) -> None:
    sockets = [room.join() for _ in range(3)]
    room.send(event("task:created"))
    assert len({id(socket.sends[0]) for socket in sockets}) == 1


def test_all_keys_of_one_family_are_sent_a_frame_that_was_built_once(room: Room) -> None:
    sockets = [room.join(key(Scope.TASKS_READ)) for _ in range(5)]
    room.send(event("task:created", 1, {"kind": "session", "id": "s", "name": "Firefox"}))
    assert len({id(socket.sends[0]) for socket in sockets}) == 1


@pytest.mark.parametrize(
    ("scope", "heard"),
    [
        (Scope.TASKS_READ, ["task:created", "task:reordered"]),
        (Scope.TIME_BLOCKS_READ, ["timeblock:deleted"]),
        (Scope.USER_READ, ["user:updated"]),
        (Scope.TASKS_WRITE, []),
    ],
)
def test_a_key_hears_the_families_that_its_read_scopes_allow(room: Room, scope: Scope, heard: list[str]) -> None:
    agent = room.join(key(scope))
    types = ["task:created", "timeblock:deleted", "user:updated", "task:reordered"]
    assert room.send(*(event(event_type) for event_type in types)) == len(heard)
    assert agent.types == heard
    assert len(agent.sends) == (1 if heard else 0)


def test_every_event_type_has_a_family_that_some_scope_reads(room: Room) -> None:
    agent = room.join(key(Scope.TASKS_READ, Scope.TIME_BLOCKS_READ, Scope.USER_READ))
    room.send(*(event(event_type) for event_type in EventType))
    assert agent.types == list(EventType)


def test_a_key_hears_no_session_names_and_a_session_does(room: Room) -> None:
    agent, tab = room.join(key(Scope.TASKS_READ)), room.join()
    by_session = {"kind": "session", "id": "public-1", "name": "Firefox"}
    by_key = {"kind": "key", "id": "key-9", "name": "Another agent"}
    room.send(event("task:created", 1, by_session), event("task:created", 2, by_key))
    assert [frame["actor"] for frame in tab.frames] == [by_session, by_key]
    assert [frame["actor"] for frame in agent.frames] == [by_session | {"name": None}, by_key]


def test_who_has_not_joined_hears_nothing(room: Room) -> None:
    connection, waiting = room.enter()
    joined = room.join()
    room.send(event("task:created", 1))
    room.audience.join(connection)
    room.send(event("task:created", 2))
    assert (waiting.ids, joined.ids) == ([2], [1, 2])


def test_a_frame_about_connections_comes_after_what_was_put_before_it(room: Room) -> None:
    tab, agent = room.join(), room.join(key(Scope.USER_READ))
    _, waiting = room.enter()
    room.audience.put(*event("user:updated", 1))
    room.audience.broadcast(text_frame(b'{"type":"resync"}'))
    assert tab.types == agent.types == ["user:updated", "resync"]
    assert waiting.types == []


def test_who_has_left_hears_nothing_and_leaving_twice_does_no_harm(room: Room) -> None:
    connection, gone = room.enter()
    room.audience.join(connection)
    entered, _ = room.enter()
    assert len(room.audience) == 2
    for _ in range(2):
        room.audience.leave(connection)
        room.audience.leave(entered)
    assert len(room.audience) == 0
    assert room.send(event("task:created")) == 0
    assert gone.sends == []


def test_nothing_is_sent_when_nothing_was_put(room: Room) -> None:
    tab = room.join()
    assert room.audience.flush() == 0
    assert tab.sends == []


@pytest.mark.gen_test
async def test_a_socket_that_closes_at_a_send_keeps_no_event_from_the_others(room: Room) -> None:
    first, second, third = room.join(), room.join(), room.join()
    second.close(4008)
    room.send(event("task:created", 1))
    assert (first.ids, second.ids, third.ids) == ([1], [], [1])

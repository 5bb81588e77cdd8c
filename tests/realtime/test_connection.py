from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson
import pytest

from realtime_app.auth.caller import Caller
from realtime_app.auth.tokens import MAX_TOKEN_BYTES
from realtime_app.realtime.connection import Connection
from realtime_app.realtime.socket_poller import SocketPoller
from tests.core import client_frames
from tests.realtime.connections import KEY, NOW, SESSION, Server, open_connection
from tests.realtime.peers import FrameClient, until


@dataclass
class Client:
    """Says and hears JSON."""

    frames: FrameClient

    def say(self, message: object) -> None:
        self.frames.send(client_frames.text(orjson.dumps(message)))

    async def hear(self) -> dict[str, object]:
        message = orjson.loads(await self.frames.text())
        assert message.pop("timestamp") == "2026-11-23T15:48:00.000Z"
        return message

    async def hear_error(self) -> str:
        message = await self.hear()
        assert message["type"] == "error", message
        assert message["payload"]["message"]
        return message["payload"]["code"]


@pytest.fixture
def connected(poller: SocketPoller) -> Callable[..., object]:
    @asynccontextmanager
    async def connected(server: Server, caller: Caller = SESSION) -> AsyncIterator[tuple[Connection, Client]]:
        connection, client = await open_connection(poller, server, caller)
        connection.start()
        yield connection, Client(client)
        client.hang_up()
        await until(lambda: server.closed)

    return connected


@pytest.mark.gen_test
async def test_a_ping_is_answered_with_the_connections_own_place_while_it_follows_no_feed(connected):
    async with connected(Server()) as (connection, client):
        connection.position, connection.epoch = 41, "epoch-1"
        client.say({"type": "ping"})
        assert await client.hear() == {"type": "pong", "payload": {"epoch": "epoch-1", "lastEventId": 41}}


@pytest.mark.gen_test
async def test_a_ping_is_answered_with_the_feeds_place_when_it_follows_one(connected):
    @dataclass
    class Feed:
        place: tuple[int, str]

    async with connected(Server()) as (connection, client):
        feed = Feed((41, "epoch-1"))
        connection.follow(feed)
        feed.place = (42, "epoch-1")
        client.say({"type": "ping", "payload": None})
        assert (await client.hear())["payload"] == {"epoch": "epoch-1", "lastEventId": 42}


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (client_frames.text("no JSON"), "BAD_REQUEST"),
        (client_frames.text("[1]"), "BAD_REQUEST"),
        (client_frames.text("[" * 2000), "BAD_REQUEST"),
        (client_frames.binary(b"{}"), "BAD_REQUEST"),
        (client_frames.text("{}"), "VALIDATION_ERROR"),
        (client_frames.text('{"type": "subscribe"}'), "VALIDATION_ERROR"),
        (client_frames.text('{"type": ["ping"]}'), "VALIDATION_ERROR"),
        (client_frames.text('{"type": "auth"}'), "VALIDATION_ERROR"),
        (client_frames.text('{"type": "auth", "payload": {"token": 1}}'), "VALIDATION_ERROR"),
    ],
)
async def test_anything_else_is_answered_with_an_error_and_the_connection_stays(connected, frame, code):
    async with connected(Server()) as (_, client):
        client.frames.send(frame)
        assert await client.hear_error() == code
        client.say({"type": "ping"})
        assert (await client.hear())["type"] == "pong"


@pytest.mark.gen_test
async def test_a_new_token_of_the_same_user_takes_the_place_of_the_old(connected):
    later = replace(SESSION, credential_id="sid-2", expires_at=NOW + timedelta(days=7))
    server = Server(tokens={"fresh": later})
    server.may_answer.set()
    async with connected(server) as (connection, client):
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        assert await client.hear() == {"type": "auth:ok", "payload": {"expiresAt": "2026-11-30T15:48:00.000Z"}}
        assert connection.caller is later
        assert connection.credential_id == "sid-2"
        assert server.renewed == [connection]


@pytest.mark.gen_test
@pytest.mark.parametrize("token", ["unknown", "of another user", "of a key", "x" * (MAX_TOKEN_BYTES + 1)])
async def test_a_token_that_is_not_this_users_changes_nothing(connected, token):
    server = Server(tokens={"of another user": replace(SESSION, user_id="user-2"), "of a key": KEY})
    server.may_answer.set()
    async with connected(server) as (connection, client):
        client.say({"type": "auth", "payload": {"token": token}})
        assert await client.hear_error() == "AUTHENTICATION_ERROR"
        assert connection.caller is SESSION
        assert server.renewed == []


@pytest.mark.gen_test
async def test_a_keys_connection_cannot_be_renewed(connected):
    async with connected(Server(tokens={"fresh": SESSION}), KEY) as (connection, client):
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        assert await client.hear_error() == "AUTHORIZATION_ERROR"
        assert connection.caller is KEY


@pytest.mark.gen_test
async def test_one_token_is_checked_at_a_time_while_pings_are_answered(connected):
    server = Server(tokens={"fresh": SESSION})
    async with connected(server) as (_, client):
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        client.say({"type": "ping"})
        assert await client.hear_error() == "RATE_LIMITED"
        assert (await client.hear())["type"] == "pong"
        server.may_answer.set()
        assert (await client.hear())["type"] == "auth:ok"
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        assert (await client.hear())["type"] == "auth:ok"


@pytest.mark.gen_test
@pytest.mark.expected_logs("a connection's token could not be renewed.*ZeroDivisionError")
async def test_a_check_that_fails_is_an_internal_error_and_the_next_may_succeed(connected):
    server = Server(tokens={"fresh": SESSION})
    server.may_answer.set()
    around = server.surroundings()

    async def fail(connection: Connection, token: str) -> Caller:
        raise ZeroDivisionError(token and "")

    async with connected(server) as (connection, client):
        connection._around = replace(around, renew=fail)
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        assert await client.hear_error() == "INTERNAL_ERROR"
        connection._around = around
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        assert (await client.hear())["type"] == "auth:ok"


@pytest.mark.gen_test
async def test_a_check_ends_with_its_connection(connected):
    server = Server(tokens={"fresh": SESSION})
    async with connected(server) as (connection, client):
        client.say({"type": "auth", "payload": {"token": "fresh"}})
        await until(lambda: connection._renewal)
        renewal = connection._renewal
    await until(renewal.done)
    assert renewal.cancelled()
    assert server.renewed == []


@pytest.mark.gen_test
async def test_the_twenty_first_message_in_ten_seconds_closes_with_4029_unanswered(connected):
    server = Server()
    async with connected(server) as (_, client):
        for _ in range(21):
            client.say({"type": "ping"})
        for _ in range(20):
            assert (await client.hear())["type"] == "pong"
        assert await client.frames.close_code() == 4029
    assert [code for _, code in server.closed] == [4029]


@pytest.mark.gen_test
async def test_twenty_messages_in_ten_seconds_are_fine_time_and_again(connected):
    server = Server()
    async with connected(server) as (_, client):
        for _ in range(3):
            for _ in range(20):
                client.say({"type": "ping"})
            for _ in range(20):
                assert (await client.hear())["type"] == "pong"
            server.seconds += 10


@pytest.mark.gen_test
@pytest.mark.parametrize("frame", [client_frames.ping(), client_frames.pong()])
async def test_more_than_a_hundred_control_frames_in_ten_seconds_close_with_4029(connected, frame):
    async with connected(Server()) as (_, client):
        client.frames.send(frame * 100)
        client.say({"type": "ping"})
        opcode = None
        while opcode != 0x1:
            opcode, _ = await client.frames.frame()
        client.frames.send(frame)
        assert await client.frames.close_code() == 4029


@pytest.mark.gen_test
async def test_pongs_that_were_asked_for_are_not_counted(connected):
    async with connected(Server()) as (connection, client):
        for tick in range(150):
            connection.ping(tick)
            assert await client.frames.frame() == (0x9, b"")
            client.frames.send(client_frames.pong())
            await until(lambda: connection.owes_pong_since is None)
        assert connection.is_open


@pytest.mark.gen_test
async def test_a_pong_is_owed_since_the_oldest_ping_without_one(connected):
    async with connected(Server()) as (connection, client):
        connection.ping(7)
        connection.ping(9)
        assert connection.owes_pong_since == 7
        client.frames.send(client_frames.pong())
        await until(lambda: connection.owes_pong_since is None)
        connection.ping(11)
        assert connection.owes_pong_since == 11


@pytest.mark.gen_test
async def test_a_session_hears_all_and_a_key_the_families_of_its_read_scopes(connected):
    async with connected(Server()) as (session, _):
        assert session.hears_all
        assert session.families == {"task", "timeblock", "user"}
    async with connected(Server(), KEY) as (key, _):
        assert not key.hears_all
        assert key.families == {"task"}


@pytest.mark.gen_test
async def test_the_rest_of_the_process_is_told_once_with_the_clients_code(connected):
    server = Server()
    async with connected(server) as (connection, client):
        client.frames.send(client_frames.close(1001))
        assert await client.frames.close_code() == 1001
        assert await client.frames.end() == b""
    assert server.closed == [(connection, 1001)]


@pytest.mark.gen_test
async def test_nothing_is_heard_before_the_start_but_a_close_is_told(poller):
    server = Server()
    connection, client = await open_connection(poller, server)
    client.send(client_frames.text('{"type": "ping"}'))
    connection.close(4013, "too many")
    await until(lambda: server.closed)
    assert server.closed == [(connection, 4013)]
    assert await client.close_code() == 4013
    client.hang_up()

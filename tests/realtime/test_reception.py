"""Open sockets are registered with every part, closed ones with none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from realtime_app.auth.caller import Caller
from realtime_app.core.close_codes import CloseCode
from realtime_app.core.heartbeat import HeartbeatSchedule
from realtime_app.errors import AuthenticationFailed
from realtime_app.realtime.expiry import Expiry
from realtime_app.realtime.heartbeat import Heartbeat
from realtime_app.realtime.reception import Reception
from realtime_app.store.models import sessions
from tests.realtime.house import House, Journal, on_sqlite
from tests.realtime.peers import until
from tests.realtime.recording_socket import RecordingSocket

pytestmark = on_sqlite


@dataclass
class Desk:
    reception: Reception
    heartbeat: Heartbeat
    expiry: Expiry

    @property
    def beating(self) -> int:
        return len(list(self.heartbeat.connections()))

    def let_in(self, socket: RecordingSocket, caller: Caller) -> None:
        """Right after the credential was checked."""
        self.reception.welcome(socket, caller, None, revocations_seen=self.reception.revocations_seen)


@pytest.fixture
def desk(house: House) -> Desk:
    expiry = Expiry(house.clock, 30)
    heartbeat = Heartbeat(HeartbeatSchedule(30, 20), expiry, read_arrived=lambda: None)

    async def refuse(token: str) -> Caller:
        raise AuthenticationFailed

    reception = Reception(
        house.hub,
        heartbeat,
        expiry,
        house.revocations,
        authenticate_token=refuse,
        clock=house.clock,
        counts=house.counts,
    )
    return Desk(reception, heartbeat, expiry)


async def welcome(desk: Desk, house: House, journal: Journal) -> RecordingSocket:
    socket = RecordingSocket()
    desk.let_in(socket, await house.session(journal.user_id))
    await until(lambda: socket.frames and house.hub.replay_count == 0)
    return socket


@pytest.mark.gen_test
async def test_a_socket_is_greeted_and_kept_alive_until_it_closes(house: House, journal: Journal, desk: Desk) -> None:
    socket = await welcome(desk, house, journal)
    assert socket.types == ["connected"]
    assert (house.counts.connects, house.hub.connection_count, desk.beating) == (1, 1, 1)
    socket.hang_up()
    await until(lambda: house.hub.connection_count == 0)
    assert desk.beating == 0


@pytest.mark.gen_test
async def test_each_connection_has_an_id_of_its_own(house: House, journal: Journal, desk: Desk) -> None:
    one, other = await welcome(desk, house, journal), await welcome(desk, house, journal)
    ids = {socket.frames[0]["payload"]["connectionId"] for socket in (one, other)}
    assert len(ids) == 2


@pytest.mark.gen_test
async def test_a_socket_that_is_refused_stays_with_no_part(house: House, journal: Journal, desk: Desk) -> None:
    await house.hub.drain(0)
    socket = RecordingSocket()
    desk.let_in(socket, await house.session(journal.user_id))
    assert await socket.until_closed() == CloseCode.RESTARTING
    await until(lambda: desk.beating == 0)
    assert house.hub.connection_count == 0
    assert house.counts.closes == {CloseCode.RESTARTING: 1}


@pytest.mark.gen_test
async def test_a_socket_whose_token_expires_soon_is_watched(house: House, journal: Journal, desk: Desk) -> None:
    caller = await house.session(journal.user_id)
    socket = RecordingSocket()
    desk.let_in(socket, replace(caller, expires_at=house.clock() + timedelta(seconds=5)))
    house.clock.advance(seconds=5)
    desk.expiry.close_expired(desk.heartbeat.connections)
    assert await socket.until_closed() == CloseCode.CREDENTIAL_REFUSED


@pytest.mark.gen_test
async def test_a_socket_whose_session_ended_during_the_handshake_is_closed(
    house: House, journal: Journal, desk: Desk
) -> None:
    caller, seen = await house.session(journal.user_id), desk.reception.revocations_seen
    async with house.database.writing() as connection:
        await connection.execute(delete(sessions).where(sessions.c.id == caller.credential_id))
    house.revocations.announce(journal.user_id)  # no socket of it is open yet
    socket = RecordingSocket()
    desk.reception.welcome(socket, caller, None, revocations_seen=seen)
    assert await socket.until_closed() == CloseCode.CREDENTIAL_REFUSED


@pytest.mark.gen_test
@pytest.mark.parametrize(("code", "counted"), [(1012, True), (4001, True), (4008, True), (1000, False), (3333, False)])
async def test_only_codes_of_this_server_are_counted_for_clients_may_send_any(
    house: House, journal: Journal, desk: Desk, code: int, counted: bool
) -> None:
    socket = await welcome(desk, house, journal)
    socket.close(code)
    await until(lambda: desk.beating == 0)
    assert house.counts.closes == ({code: 1} if counted else {})

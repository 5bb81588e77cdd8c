"""A session or key that has ended closes its sockets on every process, whatever gets lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, update

from realtime_app.auth.tokens import Claims
from realtime_app.core.channels import CONTROL
from realtime_app.core.control import CredentialsChanged
from realtime_app.core.scopes import Scope
from realtime_app.errors import AuthenticationFailed
from realtime_app.store.models import api_keys, sessions
from tests.auth.parts import LIFETIME, token_codec
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import Client, House, Journal, on_sqlite
from tests.realtime.peers import until

pytestmark = on_sqlite


async def change(house: House, statement: Any) -> None:
    async with house.database.writing() as connection:
        await connection.execute(statement)


async def end_session(house: House, client: Client) -> None:
    await change(house, delete(sessions).where(sessions.c.id == client.connection.credential_id))


def key_of(client: Client) -> Any:
    return update(api_keys).where(api_keys.c.id == client.connection.credential_id)


@pytest.mark.gen_test
async def test_a_session_that_was_ended_here_is_closed_here_and_announced(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    ended = await house.follow(await house.session(journal.user_id))
    other = await house.follow(await house.session(journal.user_id))
    await end_session(house, ended)
    house.revocations.announce(journal.user_id)
    assert await ended.socket.until_closed() == 4001
    assert other.socket.is_open
    assert broker.published == [(CONTROL, CredentialsChanged(journal.user_id).encode())]


@pytest.mark.gen_test
async def test_a_session_that_was_ended_on_another_process_is_closed_here(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await house.follow(await house.session(journal.user_id))
    stranger = await house.journal()
    witness = await house.follow(await house.session(stranger.user_id))
    await end_session(house, client)
    broker.arrive((CONTROL, CredentialsChanged(journal.user_id).encode()))
    assert await client.socket.until_closed() == 4001
    assert witness.socket.is_open
    assert broker.published == []


@pytest.mark.gen_test
async def test_the_word_commands_nothing_by_itself(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await house.follow(await house.session(journal.user_id))
    ended = await house.follow(await house.session(journal.user_id))
    broker.arrive((CONTROL, CredentialsChanged(journal.user_id).encode()))
    await end_session(house, ended)
    broker.arrive((CONTROL, CredentialsChanged(journal.user_id).encode()))
    await ended.socket.until_closed()
    assert client.socket.is_open


@pytest.mark.gen_test
@pytest.mark.parametrize("change_of", [{"is_active": False}, "expiry", "deletion"])
async def test_a_key_that_has_ended_is_closed(
    house: House, broker: HandBroker, journal: Journal, change_of: Any
) -> None:
    client = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    if change_of == "deletion":
        await change(house, delete(api_keys).where(api_keys.c.id == client.connection.credential_id))
    else:
        values = {"expires_at": house.clock()} if change_of == "expiry" else change_of
        await change(house, key_of(client).values(values))
    house.revocations.announce(journal.user_id)
    assert await client.socket.until_closed() == 4001


@pytest.mark.gen_test
async def test_a_key_that_expires_at_another_time_is_sent_back(house: House, journal: Journal) -> None:
    changed = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    other = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    await change(house, key_of(changed).values(expires_at=house.clock() + LIFETIME))
    house.revocations.announce(journal.user_id)
    assert await changed.socket.until_closed() == 1012
    assert other.socket.is_open


@pytest.mark.gen_test
async def test_a_key_whose_scopes_changed_is_sent_back_for_the_new_ones(house: House, journal: Journal) -> None:
    changed = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    other = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    await change(house, key_of(changed).values(scopes=[Scope.TASKS_READ, Scope.USER_READ]))
    house.revocations.announce(journal.user_id)
    assert await changed.socket.until_closed() == 1012
    assert other.socket.is_open


@pytest.mark.gen_test
async def test_an_account_that_was_deleted_is_closed_for_good(house: House, journal: Journal) -> None:
    clients = [
        await house.follow(await house.session(journal.user_id)),
        await house.follow(await house.key(journal.user_id, Scope.TASKS_READ)),
    ]
    await journal.delete_user()
    house.revocations.announce(journal.user_id)
    assert [await client.socket.until_closed() for client in clients] == [4001, 4001]


@pytest.mark.gen_test
async def test_what_no_word_told_is_found_by_the_sweep(build_house: Callable[..., House]) -> None:
    house = build_house(sweep_seconds=0.05)
    await house.start()
    await house.sweep.start()
    journal = await house.journal()
    session = await house.follow(await house.session(journal.user_id))
    key = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    staying = await house.follow(await house.session(journal.user_id))
    await end_session(house, session)
    await change(house, key_of(key).values(scopes=[]))
    assert await session.socket.until_closed() == 4001
    assert await key.socket.until_closed() == 1012
    rounds = house.counts.sweeps
    await until(lambda: house.counts.sweeps > rounds)
    assert staying.socket.is_open


@pytest.mark.gen_test
async def test_who_took_a_new_token_while_the_old_session_was_looked_up_stays(house: House, journal: Journal) -> None:
    client = await house.follow(await house.session(journal.user_id))
    renewed = await house.session(journal.user_id)
    await end_session(house, client)
    recheck = asyncio.create_task(house.revocations.recheck([client.connection]))
    await asyncio.sleep(0)  # it has asked about the old one
    client.connection.caller = renewed
    await recheck
    assert client.socket.is_open
    await house.revocations.recheck([client.connection])
    assert client.socket.is_open


@pytest.mark.gen_test
async def test_the_cache_of_credentials_forgets_the_user(house: House, broker: HandBroker, journal: Journal) -> None:
    caller = await house.session(journal.user_id)
    claims = Claims(journal.user_id, caller.credential_id, house.clock(), house.clock() + LIFETIME)
    token = token_codec().encode(claims)
    assert (await house.authenticator.authenticate_token(token)).credential_id == caller.credential_id
    await change(house, delete(sessions).where(sessions.c.id == caller.credential_id))
    broker.arrive((CONTROL, CredentialsChanged(journal.user_id).encode()))
    with pytest.raises(AuthenticationFailed):
        await house.authenticator.authenticate_token(token)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "word", [b"", b"\xff", b"[]", b"{}", b'{"type":"credentials"}', b'{"type":"credentials","userId":7}']
)
async def test_a_word_that_is_not_understood_does_nothing(
    house: House, broker: HandBroker, journal: Journal, word: bytes
) -> None:
    client = await house.follow(await house.session(journal.user_id))
    broker.arrive((CONTROL, word))
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1]
    assert house.revocations.changes == 0


@pytest.mark.gen_test
async def test_a_word_of_a_newer_version_does_nothing(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await house.follow(await house.session(journal.user_id))
    broker.arrive((CONTROL, orjson.dumps({"type": "of tomorrow", "userId": journal.user_id})))
    assert house.revocations.changes == 0
    assert client.socket.is_open

"""Who is calling, from what they present; and how soon an ended credential is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from tornado.ioloop import IOLoop

from realtime_app.auth.api_keys import new_key
from realtime_app.auth.caller import Standing
from realtime_app.auth.identity import Authenticator
from realtime_app.auth.tokens import Claims
from realtime_app.core.scopes import ALL_SCOPES, Scope
from realtime_app.errors import (
    AuthenticationFailed,
    CredentialMissing,
    DatabaseUnavailable,
    KeyInvalid,
    SessionEnded,
    TokenExpired,
    TokenInvalid,
)
from realtime_app.store.engine import Database
from realtime_app.store.models import api_keys, sessions
from tests.auth.parts import LIFETIME, log_in, make_key, token_codec
from tests.planner import FakeClock, Planner

TOKENS = token_codec()


@pytest.fixture
def authenticator(io_loop: IOLoop, database: Database, clock: FakeClock) -> Iterator[Authenticator]:
    authenticator = Authenticator(database, TOKENS, clock)
    yield authenticator
    io_loop.run_sync(authenticator.close)


@pytest.fixture
def claims(io_loop: IOLoop, database: Database, planner: Planner, clock: FakeClock) -> Claims:
    """Of the planner's session."""
    return io_loop.run_sync(lambda: log_in(database, planner.user_id, clock()))


@pytest.fixture
def token(claims: Claims) -> str:
    return TOKENS.encode(claims)


async def end_session(database: Database, session_id: str) -> None:
    async with database.writing() as connection:
        await connection.execute(delete(sessions).where(sessions.c.id == session_id))


async def change_key(database: Database, key_id: str, **values: object) -> None:
    async with database.writing() as connection:
        await connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(**values))


@pytest.mark.gen_test
async def test_a_token_names_its_session(authenticator: Authenticator, claims: Claims, token: str) -> None:
    caller = await authenticator.authenticate(f"Bearer {token}", None)
    assert (caller.kind, caller.user_id, caller.credential_id) == ("session", claims.user_id, claims.session_id)
    assert (caller.scopes, caller.expires_at) == (ALL_SCOPES, claims.expires_at)
    assert caller.actor == {"kind": "session", "id": caller.public_id, "name": "Firefox on Linux"}
    assert caller.public_id != claims.session_id


@pytest.mark.gen_test
async def test_an_older_token_of_a_session_expires_at_its_own_time(
    authenticator: Authenticator, database: Database, claims: Claims, token: str
) -> None:
    async with database.writing() as connection:
        await connection.execute(update(sessions).values(expires_at=claims.expires_at + LIFETIME))
    assert (await authenticator.authenticate_token(token)).expires_at == claims.expires_at


@pytest.mark.gen_test
@pytest.mark.parametrize("header", ["authorization", "api_key"])
async def test_a_key_names_itself_in_either_header(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock, header: str
) -> None:
    key_id, key = await make_key(database, planner.user_id, clock(), scopes=("tasks:read",))
    headers = (f"Bearer {key}", None) if header == "authorization" else (None, key)
    caller = await authenticator.authenticate(*headers)
    assert (caller.kind, caller.user_id, caller.credential_id) == ("key", planner.user_id, key_id)
    assert (caller.scopes, caller.expires_at) == ({Scope.TASKS_READ}, None)
    assert caller.actor == {"kind": "key", "id": key_id, "name": "Agent"}


@pytest.mark.gen_test
@pytest.mark.parametrize("headers", [(None, None), ("", None), (None, ""), ("", "")])
async def test_nobody_calls_without_a_credential(
    authenticator: Authenticator, headers: tuple[str | None, str | None]
) -> None:
    with pytest.raises(CredentialMissing):
        await authenticator.authenticate(*headers)


@pytest.mark.gen_test
@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Basic YTpi", "token", " "])
async def test_another_scheme_is_refused(authenticator: Authenticator, authorization: str) -> None:
    with pytest.raises(AuthenticationFailed, match="Bearer"):
        await authenticator.authenticate(authorization, None)


@pytest.mark.gen_test
async def test_the_scheme_may_be_spelled_in_any_case(authenticator: Authenticator, token: str) -> None:
    assert (await authenticator.authenticate(f"bearer  {token}", None)).is_session


@pytest.mark.gen_test
async def test_the_token_decides_when_a_key_is_sent_too(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock, token: str
) -> None:
    _, key = await make_key(database, planner.user_id, clock())
    assert (await authenticator.authenticate(f"Bearer {token}", key)).is_session
    assert (await authenticator.authenticate(f"Bearer {token}", "os_bad")).is_session


@pytest.mark.gen_test
@pytest.mark.parametrize("authorization", ["Bearer bad", "Basic YTpi", f"Bearer os_{'0' * 32}"])
async def test_a_bad_credential_is_not_covered_up_by_a_good_key(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock, authorization: str
) -> None:
    _, key = await make_key(database, planner.user_id, clock())
    with pytest.raises(AuthenticationFailed):
        await authenticator.authenticate(authorization, key)


@pytest.mark.gen_test
async def test_a_socket_takes_no_key_for_a_token(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock
) -> None:
    _, key = await make_key(database, planner.user_id, clock())
    with pytest.raises(TokenInvalid):
        await authenticator.authenticate_token(key)


@pytest.mark.gen_test
async def test_a_token_is_no_key(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(KeyInvalid):
        await authenticator.authenticate(None, token)


@pytest.mark.gen_test
async def test_a_token_expires(authenticator: Authenticator, clock: FakeClock, token: str) -> None:
    await authenticator.authenticate_token(token)
    clock.advance(days=7)
    with pytest.raises(TokenExpired):
        await authenticator.authenticate_token(token)


@pytest.mark.gen_test
async def test_a_token_of_another_users_session_is_refused(
    authenticator: Authenticator, claims: Claims, stranger: Planner
) -> None:
    mixed = Claims(stranger.user_id, claims.session_id, claims.issued_at, claims.expires_at)
    with pytest.raises(SessionEnded):
        await authenticator.authenticate_token(TOKENS.encode(mixed))


@pytest.mark.gen_test
async def test_an_ended_session_is_refused_as_soon_as_it_is_forgotten(
    authenticator: Authenticator, database: Database, claims: Claims, token: str
) -> None:
    await authenticator.authenticate_token(token)
    await end_session(database, claims.session_id)
    assert (await authenticator.authenticate_token(token)).is_session
    authenticator.forget_user(claims.user_id)
    with pytest.raises(SessionEnded):
        await authenticator.authenticate_token(token)


@pytest.mark.gen_test
async def test_all_credentials_of_a_user_can_be_forgotten(
    authenticator: Authenticator, database: Database, clock: FakeClock, claims: Claims, token: str
) -> None:
    key_id, key = await make_key(database, claims.user_id, clock())
    await authenticator.authenticate_token(token)
    await authenticator.authenticate_key(key)
    await end_session(database, claims.session_id)
    await change_key(database, key_id, is_active=False)
    authenticator.forget_user(claims.user_id)
    with pytest.raises(SessionEnded):
        await authenticator.authenticate_token(token)
    with pytest.raises(KeyInvalid, match="deactivated"):
        await authenticator.authenticate_key(key)


@pytest.mark.gen_test
async def test_a_key_is_refused_when_it_is_unknown(authenticator: Authenticator) -> None:
    for key in (new_key(), "os_bad"):
        with pytest.raises(KeyInvalid, match="not known"):
            await authenticator.authenticate_key(key)


@pytest.mark.gen_test
async def test_a_remembered_key_is_refused_from_its_expiry_on(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock
) -> None:
    expires_at = clock() + LIFETIME
    _, key = await make_key(database, planner.user_id, clock(), expires_at=expires_at)
    assert (await authenticator.authenticate_key(key)).expires_at == expires_at
    clock.now = expires_at
    with pytest.raises(KeyInvalid, match="expired"):
        await authenticator.authenticate_key(key)


@pytest.mark.gen_test
async def test_a_keys_new_scopes_count_as_soon_as_it_is_forgotten(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock
) -> None:
    key_id, key = await make_key(database, planner.user_id, clock(), scopes=("tasks:read",))
    await authenticator.authenticate_key(key)
    await change_key(database, key_id, scopes=[])
    authenticator.forget_user(planner.user_id)
    assert (await authenticator.authenticate_key(key)).scopes == frozenset()


@pytest.mark.gen_test
async def test_credentials_that_hold_are_told_from_ended_ones(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock
) -> None:
    expires_at = clock() + LIFETIME
    holding = {
        (await log_in(database, planner.user_id, clock())).session_id: Standing(ALL_SCOPES, None),
        (await make_key(database, planner.user_id, clock(), scopes=("user:read",)))[0]: Standing(
            frozenset({Scope.USER_READ}), None
        ),
        (await make_key(database, planner.user_id, clock(), scopes=(), expires_at=expires_at))[0]: Standing(
            frozenset(), expires_at
        ),
    }
    ended = {
        (await log_in(database, planner.user_id, clock() - LIFETIME)).session_id,
        (await make_key(database, planner.user_id, clock(), is_active=False))[0],
        (await make_key(database, planner.user_id, clock(), expires_at=clock()))[0],
        str(uuid4()),
    }
    assert await authenticator.holding([*holding, *ended]) == holding


@pytest.mark.gen_test
async def test_any_number_of_credentials_can_be_asked_about(authenticator: Authenticator, claims: Claims) -> None:
    unknown = {str(uuid4()) for _ in range(1100)}
    assert list(await authenticator.holding([*unknown, claims.session_id])) == [claims.session_id]
    assert await authenticator.holding([]) == {}


@pytest.mark.gen_test
async def test_a_keys_use_is_written_once_a_minute(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock
) -> None:
    key_id, key = await make_key(database, planner.user_id, clock())
    written = []
    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        authenticator.forget_user(planner.user_id)
        await authenticator.authenticate_key(key)
        await authenticator.close()
        written.append(await _last_used_at(database, key_id))
    assert [(clock() - at).total_seconds() for at in written] == [60, 60, 0]


@pytest.mark.gen_test
async def test_a_refused_key_was_not_used(
    authenticator: Authenticator, database: Database, planner: Planner, clock: FakeClock
) -> None:
    key_id, key = await make_key(database, planner.user_id, clock(), is_active=False)
    with pytest.raises(KeyInvalid):
        await authenticator.authenticate_key(key)
    await authenticator.close()
    assert await _last_used_at(database, key_id) is None


@pytest.mark.gen_test
@pytest.mark.expected_logs("realtime_app.store.outage: database unavailable")
async def test_nobody_is_taken_for_logged_out_when_the_database_is_away(
    tmp_path: object, clock: FakeClock, token: str
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder.db")
    with pytest.raises(DatabaseUnavailable):
        await Authenticator(database, TOKENS, clock).authenticate_token(token)
    await database.close()


async def _last_used_at(database: Database, key_id: str) -> object:
    async with database.lookup() as connection:
        return (await connection.execute(select(api_keys.c.last_used_at).where(api_keys.c.id == key_id))).scalar_one()

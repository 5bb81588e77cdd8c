"""Login sessions: listed, extended, ended."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from realtime_app.auth.sessions import SessionTerms
from realtime_app.auth.tokens import Claims
from realtime_app.errors import NotFound, SessionEnded, TokenExpired
from realtime_app.services.representations import JsonObject
from realtime_app.services.sessions import (
    MAX_SESSIONS,
    end_session,
    end_surplus_sessions,
    extend_session,
    list_sessions,
    log_out,
)
from realtime_app.store.engine import Database
from realtime_app.store.models import sessions
from tests.auth.parts import LIFETIME, log_in
from tests.planner import START, FakeClock, Planner

TERMS = SessionTerms(lifetime=LIFETIME, max_age=timedelta(days=90))


async def list_from(planner: Planner, current: Claims) -> list[JsonObject]:
    return await planner.read(list_sessions, current.session_id, planner.clock())


async def public_id(database: Database, claims: Claims) -> str:
    async with database.reading() as connection:
        statement = select(sessions.c.public_id).where(sessions.c.id == claims.session_id)
        found: str = (await connection.execute(statement)).scalar_one()
    return found


@pytest.mark.gen_test
async def test_a_user_sees_where_they_are_logged_in(
    database: Database, planner: Planner, stranger: Planner, clock: FakeClock
) -> None:
    laptop = await log_in(database, planner.user_id, clock(), name="Firefox on Linux")
    await log_in(database, stranger.user_id, clock())
    clock.advance(hours=1)
    phone = await log_in(database, planner.user_id, clock(), name="Chrome on Android")
    assert await list_from(planner, laptop) == [
        {
            "id": await public_id(database, phone),
            "name": "Chrome on Android",
            "createdAt": "2026-11-23T10:00:00.000Z",
            "lastUsedAt": "2026-11-23T10:00:00.000Z",
            "expiresAt": "2026-11-30T10:00:00.000Z",
            "current": False,
        },
        {
            "id": await public_id(database, laptop),
            "name": "Firefox on Linux",
            "createdAt": "2026-11-23T09:00:00.000Z",
            "lastUsedAt": "2026-11-23T09:00:00.000Z",
            "expiresAt": "2026-11-30T09:00:00.000Z",
            "current": True,
        },
    ]


@pytest.mark.gen_test
async def test_the_secret_id_of_a_session_is_not_shown(database: Database, planner: Planner) -> None:
    claims = await log_in(database, planner.user_id, START)
    assert claims.session_id not in str(await list_from(planner, claims))


@pytest.mark.gen_test
async def test_an_expired_session_is_not_listed(database: Database, planner: Planner, clock: FakeClock) -> None:
    claims = await log_in(database, planner.user_id, clock())
    clock.advance(days=7)
    assert await list_from(planner, claims) == []


@pytest.mark.gen_test
async def test_an_extended_session_lasts_as_long_as_its_newest_token(
    database: Database, planner: Planner, clock: FakeClock
) -> None:
    first = await log_in(database, planner.user_id, clock())
    clock.advance(days=3)
    second = await planner.transact(extend_session, first.session_id, TERMS, clock())
    assert second == Claims(planner.user_id, first.session_id, clock(), clock() + LIFETIME)
    (session,) = await list_from(planner, first)
    assert (session["lastUsedAt"], session["expiresAt"]) == ("2026-11-26T09:00:00.000Z", "2026-12-03T09:00:00.000Z")


@pytest.mark.gen_test
async def test_an_older_token_stays_good_when_a_newer_one_ends_sooner(
    database: Database, planner: Planner, clock: FakeClock
) -> None:
    first = await log_in(database, planner.user_id, clock())
    shorter = SessionTerms(lifetime=timedelta(hours=1), max_age=TERMS.max_age)
    second = await planner.transact(extend_session, first.session_id, shorter, clock())
    assert second.expires_at == clock() + timedelta(hours=1)
    (session,) = await list_from(planner, first)
    assert session["expiresAt"] == "2026-11-30T09:00:00.000Z"


@pytest.mark.gen_test
async def test_a_session_is_not_extended_past_its_longest_life(
    database: Database, planner: Planner, clock: FakeClock
) -> None:
    session_id = (await log_in(database, planner.user_id, clock())).session_id
    clock.advance(days=89)
    last = await planner.transact(extend_session, session_id, TERMS, clock())
    assert last.expires_at == START + timedelta(days=90)
    clock.advance(days=1)
    with pytest.raises(TokenExpired):
        await planner.transact(extend_session, session_id, TERMS, clock())


@pytest.mark.gen_test
async def test_only_the_users_own_session_is_extended(database: Database, planner: Planner, stranger: Planner) -> None:
    strangers = await log_in(database, stranger.user_id, START)
    for session_id in (strangers.session_id, str(uuid4())):
        with pytest.raises(SessionEnded):
            await planner.transact(extend_session, session_id, TERMS, START)


@pytest.mark.gen_test
async def test_a_session_is_ended_by_its_public_id(database: Database, planner: Planner) -> None:
    first, second = [await log_in(database, planner.user_id, START) for _ in range(2)]
    await planner.transact(end_session, await public_id(database, first))
    assert [session["current"] for session in await list_from(planner, second)] == [True]


@pytest.mark.gen_test
async def test_a_session_that_is_not_the_users_own_is_not_found(
    database: Database, planner: Planner, stranger: Planner
) -> None:
    own, strangers = [await log_in(database, owner.user_id, START) for owner in (planner, stranger)]
    for unknown in (str(uuid4()), own.session_id, await public_id(database, strangers)):
        with pytest.raises(NotFound, match="Session not found"):
            await planner.transact(end_session, unknown)
    assert len(await list_from(stranger, strangers)) == 1


@pytest.mark.gen_test
async def test_logging_out_ends_the_session_and_may_be_repeated(database: Database, planner: Planner) -> None:
    first, second = [await log_in(database, planner.user_id, START) for _ in range(2)]
    for _ in range(2):
        await planner.transact(log_out, first.session_id)
        assert [session["current"] for session in await list_from(planner, second)] == [True]


@pytest.mark.gen_test
async def test_the_least_recently_used_session_gives_way_when_there_are_too_many(
    database: Database, planner: Planner, stranger: Planner, clock: FakeClock
) -> None:
    await log_in(database, stranger.user_id, clock() - LIFETIME)
    oldest = await log_in(database, planner.user_id, clock())
    clock.advance(seconds=1)
    for _ in range(MAX_SESSIONS - 1):
        await log_in(database, planner.user_id, clock())
    assert await planner.transact(end_surplus_sessions) == 0
    await log_in(database, planner.user_id, clock())
    assert await planner.transact(end_surplus_sessions) == 1
    assert not any(session["current"] for session in await list_from(planner, oldest))

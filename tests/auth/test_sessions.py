"""Login sessions as authentication reads them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from realtime_app.auth.sessions import SessionTerms, load_sessions, purge_expired
from realtime_app.store.engine import Database
from realtime_app.store.models import sessions
from tests.auth.parts import LIFETIME, log_in
from tests.planner import START, FakeClock, Planner

TERMS = SessionTerms(lifetime=timedelta(days=7), max_age=timedelta(days=90))


def test_a_token_lasts_for_its_lifetime_when_the_session_is_young() -> None:
    assert TERMS.expiry(START, START + timedelta(days=1)) == START + timedelta(days=8)


def test_a_token_ends_with_the_longest_life_of_its_session() -> None:
    assert TERMS.expiry(START, START + timedelta(days=89)) == START + timedelta(days=90)


def test_a_token_expires_at_a_whole_second() -> None:
    assert TERMS.expiry(START, START + timedelta(milliseconds=700)) == START + timedelta(days=7)


@pytest.mark.gen_test
async def test_sessions_are_loaded_by_id(database: Database, planner: Planner) -> None:
    claims = await log_in(database, planner.user_id, START)
    async with database.lookup() as connection:
        loaded = await load_sessions(connection, [claims.session_id, str(uuid4())])
    session = loaded.pop(claims.session_id)
    assert not loaded
    assert (session.user_id, session.name) == (planner.user_id, "Firefox on Linux")
    assert (session.last_used_at, session.expires_at) == (START, START + LIFETIME)
    assert session.public_id != session.id


@pytest.mark.gen_test
async def test_expired_sessions_are_purged(database: Database, planner: Planner, clock: FakeClock) -> None:
    expired = await log_in(database, planner.user_id, clock())
    others = [await log_in(database, planner.user_id, clock()) for _ in range(2)]
    clock.advance(days=7)
    current = await log_in(database, planner.user_id, clock())
    async with database.writing() as connection:
        purged = [await purge_expired(connection, clock(), batch_size=2) for _ in range(3)]
    assert purged == [2, 1, 0]
    async with database.lookup() as connection:
        ids = [claims.session_id for claims in (expired, *others, current)]
        assert list(await load_sessions(connection, ids)) == [current.session_id]


@pytest.mark.gen_test
async def test_a_session_that_somebody_is_ending_is_not_waited_for(
    database: Database, planner: Planner, clock: FakeClock
) -> None:
    if database.is_sqlite:
        return  # there one connection writes
    held, free = [await log_in(database, planner.user_id, clock()) for _ in range(2)]
    clock.advance(days=7)
    async with database.uncommitted() as ending, database.writing() as connection:
        await ending.execute(select(sessions).where(sessions.c.id == held.session_id).with_for_update())
        assert await purge_expired(connection, clock()) == 1
    async with database.lookup() as connection:
        assert list(await load_sessions(connection, [held.session_id, free.session_id])) == [held.session_id]

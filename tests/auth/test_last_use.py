"""The time of the last use is written seldom, late and never in anybody's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from tornado.ioloop import IOLoop

from realtime_app.auth.identity import KEY_USE_INTERVAL
from realtime_app.auth.last_use import LastUse
from realtime_app.auth.sessions import SessionRecord, load_sessions
from realtime_app.store.engine import Database
from realtime_app.store.models import sessions
from tests.auth.parts import log_in
from tests.planner import START, FakeClock, Planner, register
from tests.servers.postgres_server import PostgresServer


@pytest.fixture
def last_use(io_loop: IOLoop, database: Database, clock: FakeClock) -> Iterator[LastUse]:
    last_use = LastUse(database, sessions, KEY_USE_INTERVAL, clock)
    yield last_use
    io_loop.run_sync(last_use.close)


async def load(database: Database, session_id: str) -> SessionRecord:
    async with database.lookup() as connection:
        return (await load_sessions(connection, [session_id]))[session_id]


async def last_used_at(database: Database, session_id: str) -> datetime:
    return (await load(database, session_id)).last_used_at


@pytest.mark.gen_test
async def test_a_use_is_written_after_a_minute_and_not_before(
    database: Database, planner: Planner, clock: FakeClock, last_use: LastUse
) -> None:
    session_id = (await log_in(database, planner.user_id, clock())).session_id
    session = await load(database, session_id)
    clock.advance(seconds=59)
    last_use.note([session])
    await last_use.close()
    assert await last_used_at(database, session_id) == START
    clock.advance(seconds=1)
    last_use.note([session])
    await last_use.close()
    assert await last_used_at(database, session_id) == START + timedelta(minutes=1)


@pytest.mark.gen_test
async def test_a_use_is_not_written_again_when_another_process_wrote_it_meanwhile(
    database: Database, planner: Planner, clock: FakeClock, last_use: LastUse
) -> None:
    session_id = (await log_in(database, planner.user_id, clock())).session_id
    read_by_both = await load(database, session_id)
    clock.advance(minutes=1)
    last_use.note([read_by_both])
    await last_use.close()
    clock.advance(seconds=1)
    last_use.note([read_by_both])
    await last_use.close()
    assert await last_used_at(database, session_id) == START + timedelta(minutes=1)


@pytest.mark.gen_test
async def test_only_the_rows_that_were_used_are_written(
    database: Database, planner: Planner, clock: FakeClock, last_use: LastUse
) -> None:
    used = [(await log_in(database, planner.user_id, clock())).session_id for _ in range(3)]
    idle = (await log_in(database, planner.user_id, clock())).session_id
    clock.advance(minutes=1)
    last_use.note([await load(database, session_id) for session_id in used])
    await last_use.close()
    async with database.lookup() as connection:
        rows = await connection.execute(select(sessions.c.id).where(sessions.c.last_used_at == clock()))
        assert set(rows.scalars()) == set(used)
    assert await last_used_at(database, idle) == START


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_a_row_that_somebody_holds_is_left_out(postgres_server: PostgresServer, postgres_template: str) -> None:
    database, clock = Database(postgres_server.fresh_database(postgres_template)), FakeClock()
    planner = await register(database, clock)
    held, free = [(await log_in(database, planner.user_id, clock())).session_id for _ in range(2)]
    last_use = LastUse(database, sessions, KEY_USE_INTERVAL, clock)
    clock.advance(minutes=1)
    async with database.uncommitted() as connection:
        await connection.execute(select(sessions.c.id).where(sessions.c.id == held).with_for_update())
        last_use.note([await load(database, held), await load(database, free)])
        await last_use.close()
    assert (await last_used_at(database, held), await last_used_at(database, free)) == (START, clock())
    await database.close()


@pytest.mark.gen_test
@pytest.mark.expected_logs("realtime_app.store.outage: database unavailable")
async def test_uses_are_dropped_when_the_database_is_away(tmp_path: object, clock: FakeClock) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder.db")
    last_use = LastUse(database, sessions, KEY_USE_INTERVAL, clock)
    last_use.note([SessionRecord("id", "public id", "user", "Firefox", START - timedelta(days=1), START)])
    await last_use.close()
    await database.close()

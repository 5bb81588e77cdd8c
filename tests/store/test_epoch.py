"""A new incarnation of the log, begun while writers are at work."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from sqlalchemy import select, text, update

from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.epoch import begin_new_epoch
from realtime_app.store.event_log import EventLog
from realtime_app.store.models import event_epochs, event_heads, events
from tests.planner import FakeClock, Planner, register
from tests.servers.postgres_server import PostgresServer
from tests.store.test_unit_of_work import Writer

# Longer than a server with a statement timeout of 0.2 s and the driver together would wait.
SLOW_HEADS = """
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2.5); RETURN NULL; END'
"""


@pytest.mark.gen_test
async def test_every_head_and_later_events_carry_the_new_epoch(
    database: Database, planner: Planner, stranger: Planner
) -> None:
    epoch = await begin_new_epoch(database)
    for user in (planner, stranger):
        head = await EventLog(database).head(user.user_id)
        assert head is not None
        assert head.epoch == epoch
    async with database.reading() as connection:
        assert (await connection.execute(select(event_epochs.c.epoch))).scalar_one() == epoch


@pytest.mark.gen_test
async def test_a_head_behind_its_log_is_raised_to_the_newest_id(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    await writer.add_tasks(4)
    async with database.writing() as connection:
        await connection.execute(update(event_heads).values(last_id=2))
    await begin_new_epoch(database)
    assert await writer.add_tasks() == 5


@pytest.mark.gen_test
async def test_no_event_written_meanwhile_bears_the_wrong_epoch(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    before = await EventLog(database).head(planner.user_id)
    assert before is not None

    is_under_way = asyncio.Event()

    async def write() -> None:
        while not writer.told or writer.told[-1].epoch == before.epoch:
            if await writer.add_tasks() == 5:
                is_under_way.set()

    writing = asyncio.create_task(write())
    await is_under_way.wait()
    after = await begin_new_epoch(database)
    await writing
    epochs = [event.epoch for event in writer.told]
    assert epochs == sorted(epochs, key=[before.epoch, after].index)
    assert set(epochs) == {before.epoch, after}
    async with database.reading() as connection:
        bodies = (await connection.execute(select(events.c.body).order_by(events.c.id))).scalars()
        assert [orjson.loads(body)["epoch"] for body in bodies] == epochs


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_many_heads_may_take_longer_than_a_statement_of_a_request(
    postgres_server: PostgresServer, postgres_template: str, clock: FakeClock
) -> None:
    url = postgres_server.fresh_database(postgres_template)
    database = Database(url, DatabaseLimits(statement_timeout_seconds=0.2))
    await register(database, clock)
    async with database.writing() as connection:
        await connection.execute(text(SLOW_HEADS))
        await connection.execute(text("CREATE TRIGGER slow BEFORE UPDATE ON event_heads EXECUTE FUNCTION wait()"))
    epoch = await begin_new_epoch(database)
    async with database.reading() as connection:
        assert (await connection.execute(select(event_heads.c.epoch))).scalar_one() == epoch
    await database.close()
    postgres_server.release(url)

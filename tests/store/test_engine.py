"""The three ways to the database: what each promises, and what it costs on the wire besides its statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import make_url, text
from tornado.ioloop import IOLoop

from realtime_app.store.engine import Connection, Database, DatabaseLimits

pytestmark = pytest.mark.gen_test
on_postgres = pytest.mark.postgres


@pytest.fixture
def postgres(io_loop: IOLoop, postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    io_loop.run_sync(database.close)


async def words_around_a_statement(way: AbstractAsyncContextManager[Connection]) -> list[str]:
    """The words of transactions that the driver sends; the statement itself goes another way."""
    words: list[str] = []
    async with way as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        driver.add_query_logger(lambda sent: words.append(sent.query.split()[0].strip(";")))
        await connection.execute(text("SELECT 1"))
    return words


@on_postgres
async def test_reads_are_sent_without_a_transaction_around_them(postgres: Database) -> None:
    assert await words_around_a_statement(postgres.reading()) == []
    assert await words_around_a_statement(postgres.lookup()) == []


@on_postgres
async def test_writes_are_in_a_transaction_also_when_their_connection_has_read_before(postgres: Database) -> None:
    await words_around_a_statement(postgres.reading())
    assert await words_around_a_statement(postgres.writing()) == ["BEGIN", "COMMIT"]
    await words_around_a_statement(postgres.reading())
    assert await words_around_a_statement(postgres.uncommitted()) == ["BEGIN", "ROLLBACK"]


@on_postgres
@pytest.mark.parametrize(("cache_size", "prepared"), [(200, ["SELECT 1"]), (0, [])])
async def test_statements_stay_prepared_unless_a_pooler_forbids_it(
    postgres_url: str, cache_size: int, prepared: list[str]
) -> None:
    database = Database(postgres_url, DatabaseLimits(statement_cache_size=cache_size))
    listed = text("SELECT statement FROM pg_prepared_statements WHERE statement = 'SELECT 1'")
    async with database.reading() as connection:
        await connection.execute(text("SELECT 1"))
        assert list((await connection.execute(listed)).scalars()) == prepared
    await database.close()


@on_postgres
async def test_writes_are_read_committed_whatever_the_server_is_set_to(postgres: Database, postgres_url: str) -> None:
    name = make_url(postgres_url).database
    async with postgres.writing() as connection:
        await connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_isolation = serializable'))
    database = Database(postgres_url)
    async with database.writing() as connection:
        isolation = (await connection.execute(text("SHOW transaction_isolation"))).scalar_one()
    await database.close()
    assert isolation == "read committed"


async def test_look_ups_go_on_while_all_connections_for_requests_are_taken(database_url: str) -> None:
    database = Database(database_url, DatabaseLimits(pool_size=1, lookup_pool_size=1, pool_timeout_seconds=0.1))
    async with database.uncommitted() as taken:
        await taken.execute(text("SELECT 1"))
        await database.check()
    await database.close()


async def test_every_way_to_sqlite_is_durable_patient_and_strict(database: Database) -> None:
    if not database.is_sqlite:
        return
    for way in (database.writing(), database.reading(), database.lookup()):
        async with way as connection:
            pragmas = [
                (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
            ]
        assert pragmas == ["wal", 1, 2, 5000]  # 2 is FULL


async def test_on_sqlite_a_write_locks_from_its_beginning_and_a_read_never(
    database: Database, database_url: str
) -> None:
    if not database.is_sqlite:
        return
    stranger = sqlite3.connect(str(make_url(database_url).database), timeout=0, isolation_level=None)
    for way in (database.reading(), database.lookup()):
        async with way as connection:
            await connection.execute(text("SELECT count(*) FROM users"))
            stranger.execute("BEGIN IMMEDIATE")
            stranger.execute("ROLLBACK")
    async with database.writing() as connection:
        await connection.execute(text("SELECT count(*) FROM users"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
    stranger.close()

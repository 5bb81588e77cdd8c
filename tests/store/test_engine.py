"""What the three ways to the database cost on the wire besides their statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import text
from tornado.ioloop import IOLoop

from realtime_app.store.engine import Connection, Database, DatabaseLimits

pytestmark = [pytest.mark.postgres, pytest.mark.gen_test]


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


async def test_reads_are_sent_without_a_transaction_around_them(postgres: Database) -> None:
    assert await words_around_a_statement(postgres.reading()) == []
    assert await words_around_a_statement(postgres.lookup()) == []


async def test_writes_are_in_a_transaction_also_when_their_connection_has_read_before(postgres: Database) -> None:
    await words_around_a_statement(postgres.reading())
    assert await words_around_a_statement(postgres.writing()) == ["BEGIN", "COMMIT"]
    await words_around_a_statement(postgres.reading())
    assert await words_around_a_statement(postgres.uncommitted()) == ["BEGIN", "ROLLBACK"]


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

"""What is an outage of the database, and what is too much for it: only the first is told, and ends with a success."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from tornado.ioloop import IOLoop

from realtime_app.errors import DatabaseUnavailable
from realtime_app.store.engine import Database, DatabaseLimits

ENDLESS = {
    True: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    False: "SELECT pg_sleep(60)",
}
"""By `is_sqlite`."""


@pytest.fixture
def strict(io_loop: IOLoop, database_url: str) -> Iterator[Database]:
    limits = DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05, statement_timeout_seconds=0.2)
    database = Database(database_url, limits)
    yield database
    io_loop.run_sync(database.close)


@pytest.mark.gen_test
async def test_a_statement_that_takes_too_long_is_no_outage(strict: Database) -> None:
    for way in (strict.reading, strict.writing):
        with pytest.raises(DatabaseUnavailable, match="too busy"):
            async with way() as connection:
                await connection.execute(text(ENDLESS[strict.is_sqlite]))
        assert not strict.outage.is_on
        async with way() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1


@pytest.mark.gen_test
async def test_who_finds_no_connection_in_time_has_met_no_outage(strict: Database) -> None:
    async with strict.lookup():
        with pytest.raises(DatabaseUnavailable, match="too busy"):
            await strict.check()
    assert not strict.outage.is_on
    await strict.check()


@pytest.mark.gen_test
@pytest.mark.sqlite_suffices
@pytest.mark.expected_logs("database unavailable")
async def test_an_outage_is_told_once_and_ends_with_the_next_success(
    strict: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr("sqlalchemy.ext.asyncio.AsyncEngine.connect", _refuse)
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable, match="can't be reached"):
                await strict.check()
    await strict.check()
    assert not strict.outage.is_on


def _refuse(*_: object) -> None:
    raise ConnectionRefusedError

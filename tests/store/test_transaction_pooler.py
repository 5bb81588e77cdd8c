"""The application behind a real PgBouncer, which lends its few connections by the transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tornado.ioloop import IOLoop

from realtime_app.errors import DatabaseUnavailable
from realtime_app.store.engine import Database, DatabaseLimits
from tests.app import RunningApp, given_settings
from tests.servers.pgbouncer_server import (
    MAX_PREPARED_STATEMENTS,
    SERVER_CONNECTIONS,
    PgbouncerServer,
    keeps_prepared_statements,
)
from tests.servers.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres

# What docs/postgresql.md has one set, by what the PgBouncer that is installed can do.
STATEMENT_CACHES = [0, MAX_PREPARED_STATEMENTS] if keeps_prepared_statements() else [0]


@pytest.fixture(params=STATEMENT_CACHES, ids=lambda size: f"{size}-statements")
def statement_cache(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def pgbouncer(postgres_server: PostgresServer) -> Iterator[PgbouncerServer]:
    server = PgbouncerServer(postgres_server)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def pooled_url(pgbouncer: PgbouncerServer, postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    url = postgres_server.fresh_database(postgres_template)
    yield pgbouncer.url_of(url)
    postgres_server.release(url)


@pytest.fixture
def app(io_loop: IOLoop, tmp_path: Path, pooled_url: str, statement_cache: int) -> Iterator[RunningApp]:
    settings = {"database_pooler": "transaction", "database_statement_cache": statement_cache}
    app = RunningApp(given_settings(tmp_path, database_url=pooled_url, **settings))
    io_loop.run_sync(app.start)
    yield app
    io_loop.run_sync(app.close)


@pytest.fixture
def database(io_loop: IOLoop, pooled_url: str, statement_cache: int) -> Iterator[Database]:
    limits = DatabaseLimits(
        statement_cache_size=statement_cache, has_transaction_pooler=True, statement_timeout_seconds=0.2
    )
    database = Database(pooled_url, limits)
    yield database
    io_loop.run_sync(database.close)


@pytest.mark.gen_test
async def test_requests_succeed_when_there_are_more_of_them_than_connections(app: RunningApp) -> None:
    accounts = await asyncio.gather(*(app.register() for _ in range(3)))

    created = await asyncio.gather(
        *(
            app.post("/tasks", json={"title": f"{n}", "scheduledDate": "2026-11-23"}, token=account.token)
            for account in accounts
            for n in range(4 * SERVER_CONNECTIONS)
        )
    )
    listed = await asyncio.gather(
        *(app.get("/tasks?includeSubtasks=true", token=account.token) for account in accounts * SERVER_CONNECTIONS)
    )

    assert {answer.status for answer in created} == {201}
    assert [len(answer.data) for answer in listed] == [4 * SERVER_CONNECTIONS] * len(listed)
    assert (await app.get("/readyz")).data["ready"]


@pytest.mark.gen_test
async def test_statement_ends_in_time_and_leaves_no_limit_behind(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with database.reading() as connection:
            await connection.execute(text("SELECT pg_sleep(5)"))

    async with database.uncommitted() as connection:
        assert (await connection.execute(text("SHOW statement_timeout"))).scalar_one() == "200ms"
        assert (await connection.execute(text("SHOW lock_timeout"))).scalar_one() == "2s"
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute("ROLLBACK")
        assert await driver.fetchval("SHOW statement_timeout") == "0"


@pytest.mark.gen_test
async def test_requests_succeed_after_a_column_was_added(
    app: RunningApp, pooled_url: str, postgres_server: PostgresServer
) -> None:
    account = await app.register()

    async def statuses() -> list[int]:
        created = await app.post("/tasks", json={"title": "Prepared"}, token=account.token)
        return [created.status, (await app.get("/tasks", token=account.token)).status]

    assert await statuses() == [201, 200]
    postgres_server.execute("ALTER TABLE tasks ADD COLUMN colour text", database=pooled_url.rsplit("/", 1)[1])
    assert await statuses() == [201, 200]


@pytest.mark.gen_test
@pytest.mark.expected_logs("database unavailable: .*08P01.*see DATABASE_POOLER")
async def test_log_names_the_setting_when_the_pooler_is_not_reckoned_with(pooled_url: str) -> None:
    database = Database(pooled_url)

    with pytest.raises(DatabaseUnavailable):
        await database.check()

    await database.close()

"""Fixtures: a migrated database for each test, on SQLite and on PostgreSQL, copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime_app.store.engine import Database
from realtime_app.store.schema import migrate
from tests.planner import FakeClock, Planner, register
from tests.servers.postgres_server import PostgresServer


def migrate_at(url: str) -> None:
    """For fixtures without a loop."""

    async def migrate_and_close() -> None:
        database = Database(url)
        await migrate(database)
        await database.close()

    # A loop of its own, which leaves the test's in its place.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(migrate_and_close())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate_at(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The URL of a migrated database to copy."""
    url = postgres_server.fresh_database()
    migrate_at(url)
    return url


SQLITE, POSTGRESQL = "sqlite", "postgresql"


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases",
        choices=["usual", SQLITE, POSTGRESQL],
        default="usual",
        help="where tests that need a database run: on both kinds unless sqlite_suffices (usual), or all on one kind",
    )


def parametrize_databases(metafunc: pytest.Metafunc) -> None:
    """Gives each test that uses `database_url` the kinds it runs on."""
    if "database_url" not in metafunc.fixturenames:
        return
    kinds = [metafunc.config.getoption("--databases")]
    if kinds == ["usual"]:
        suffices = metafunc.definition.get_closest_marker("sqlite_suffices")
        kinds = [SQLITE] if suffices else [SQLITE, POSTGRESQL]
    marks = {SQLITE: (), POSTGRESQL: (pytest.mark.postgres,)}
    metafunc.parametrize("database_url", [pytest.param(kind, marks=marks[kind]) for kind in kinds], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database of this test's own, once of each kind."""
    if request.param == SQLITE:
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "planner.db")
        yield f"sqlite+aiosqlite:///{tmp_path}/planner.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.fresh_database(request.getfixturevalue("postgres_template"))
    yield url
    server.release(url)


@pytest.fixture
def database(io_loop: IOLoop, database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    io_loop.run_sync(database.close)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def planner(io_loop: IOLoop, database: Database, clock: FakeClock) -> Planner:
    """The user whom the test is about."""
    return io_loop.run_sync(lambda: register(database, clock))


@pytest.fixture
def stranger(io_loop: IOLoop, database: Database, clock: FakeClock) -> Planner:
    """Another user of the same database."""
    return io_loop.run_sync(lambda: register(database, clock))

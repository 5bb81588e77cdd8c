"""The schema's version: bring a database up to date, or say whether it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

from realtime_app.errors import DatabaseUnavailable
from realtime_app.store.engine import Database
from realtime_app.store.outage import LOCK_NOT_AVAILABLE, sqlstate

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7260913  # any number, the same in every process: PostgreSQL's advisory lock of those who migrate

_LOCK_TIMEOUT_SECONDS = 2.0
_LOCK_ATTEMPTS = 40
_PAUSE_SECONDS = 0.5


class MigrationBlocked(Exception):
    """A migration got no lock on its table, again and again; those before it were applied."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision that this version of the program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the package holds no migrations")
    return head


def lacks_migrations(revision: str | None) -> bool:
    """Whether a database at this revision is too old. One that isn't known here is a newer version's: it still serves
    the version before, since migrations only add what that one can live with."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return revision is None or revision in known - {newest_revision()}


async def current_revision(database: Database) -> str | None:
    """The database's revision; None for an empty database. Raises DatabaseUnavailable."""
    async with database.lookup() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def migrate(database: Database) -> str:
    """Applies what is missing and returns the revision. Several processes may do it at once.

    On PostgreSQL each migration is a transaction of its own; on SQLite all of them are one. Raises MigrationBlocked,
    DatabaseUnavailable.
    """
    async with database.unhurried() as unhurried:
        if database.is_sqlite:
            await _upgrade_at_once(unhurried)
        else:
            async with _turn(unhurried):
                await _upgrade_patiently(unhurried)
    return newest_revision()


async def _upgrade_at_once(database: Database) -> None:
    async with database.writing() as connection:
        # SQLite's one lock: who comes second finds all done.
        await connection.begin()
        await connection.run_sync(_upgrade)


@asynccontextmanager
async def _turn(database: Database) -> AsyncIterator[None]:
    """The lock of those who migrate, on a connection of its own: migrations end transactions as they need.

    It is a transaction's, which a pooler leaves alone, and it holds no snapshot while others wait or migrate: CREATE
    INDEX CONCURRENTLY waits until all snapshots older than it are gone.
    """
    async with database.uncommitted() as connection:
        while not (await connection.execute(text(f"SELECT pg_try_advisory_xact_lock({_MIGRATION_LOCK})"))).scalar_one():
            await connection.rollback()
            await asyncio.sleep(_PAUSE_SECONDS)
        # The driver leaves a SELECT open until the next statement; this one needs no snapshot.
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield


async def _upgrade_patiently(database: Database) -> None:
    for _ in range(_LOCK_ATTEMPTS):
        try:
            async with database.uncommitted() as connection:
                await connection.run_sync(_upgrade_with_short_waits)
        except DatabaseUnavailable as error:
            if error.__cause__ is None or sqlstate(error.__cause__) != LOCK_NOT_AVAILABLE:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return
    raise MigrationBlocked("a table could not be locked: does a long transaction use it? see pg_stat_activity")


def _upgrade_with_short_waits(connection: Connection) -> None:
    # Whoever comes after an ALTER TABLE that waits for its lock waits as well. Outside of transactions this has no
    # effect: CREATE INDEX CONCURRENTLY keeps nobody waiting.
    setting = f"SELECT set_config('lock_timeout', '{_LOCK_TIMEOUT_SECONDS * 1000:.0f}', true)"
    event.listen(connection, "begin", lambda begun: begun.exec_driver_sql(setting))
    _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")

"""The schema's version: bring a database up to date, or say whether it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from realtime_app.store.engine import Database
from realtime_app.store.statement_deadline import UNLIMITED

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7260913  # any number, the same in every process: PostgreSQL's advisory lock of those who migrate


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
    """Applies what is missing in one transaction and returns the revision. Several processes may do it at once."""
    async with database.writing() as connection:
        if database.is_sqlite:
            await connection.execution_options(**{UNLIMITED: True})
        else:
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
    return newest_revision()

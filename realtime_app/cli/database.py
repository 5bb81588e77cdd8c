"""The database for the length of one command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from realtime_app.application import SchemaOutdated, database_of
from realtime_app.config import Settings
from realtime_app.store.engine import Database
from realtime_app.store.schema import current_revision, lacks_migrations, newest_revision


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Whatever its schema is. Raises DatabaseUnavailable at the first statement."""
    database = database_of(settings)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def current(settings: Settings) -> AsyncIterator[Database]:
    """With the schema of this version. Raises DatabaseUnavailable, SchemaOutdated."""
    async with opened(settings) as database:
        await check_schema(settings, database)
        yield database


async def check_schema(settings: Settings, database: Database) -> str:
    """The schema's revision. Raises DatabaseUnavailable, SchemaOutdated."""
    # Connecting to SQLite would make the file.
    is_there = settings.database_file is None or settings.database_file.exists()
    revision = await current_revision(database) if is_there else None
    if revision is None or lacks_migrations(revision):
        found = f"is at revision {revision}" if revision else "is empty"
        raise SchemaOutdated(f"the database {found}, this version needs {newest_revision()}: run realtime-app migrate")
    return revision

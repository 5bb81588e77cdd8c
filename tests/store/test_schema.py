"""Migrations as they are to be written: each on its own, beside a running site, however long one takes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tornado.ioloop import IOLoop

from realtime_app.store import schema
from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.schema import MigrationBlocked, current_revision, migrate
from tests.servers.postgres_server import PostgresServer

HURRIED = DatabaseLimits(pool_size=1, statement_timeout_seconds=0.2)
# Longer than HURRIED lets the server run a statement, and longer than it has the driver wait for the answer.
LONG_SECONDS = 2.5

ADD_COLUMN = 'op.add_column("tasks", sa.Column("colour", sa.String(7)))'
# As docs/operations.md shows it.
INDEX_CONCURRENTLY = """
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_tasks_colour")
        op.create_index("ix_tasks_colour", "tasks", ["colour"], postgresql_concurrently=True)
"""
FILL_IN_BATCHES = """
    batch = sa.text(
        "UPDATE tasks SET colour = '#3B82F6' WHERE id IN (SELECT id FROM tasks WHERE colour IS NULL LIMIT 2)"
    )
    with op.get_context().autocommit_block():
        while op.get_bind().execute(batch).rowcount:
            pass
"""


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Migrations of this test's own, after those that there are."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema._MIGRATIONS, folder)
    monkeypatch.setattr(schema, "_MIGRATIONS", folder)
    return folder


def add_script(scripts: Path, upgrade: str) -> str:
    """Gives its revision."""
    before = schema.newest_revision()
    revision = f"{int(before) + 1:04}"
    (scripts / "versions" / f"{revision}_test.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = {revision!r}, {before!r}\ndef upgrade():\n    {upgrade.strip()}\n"
    )
    return revision


@pytest.fixture
def migrated(io_loop: IOLoop, postgres_server: PostgresServer, postgres_template: str) -> Iterator[Database]:
    url = postgres_server.fresh_database(postgres_template)
    database = Database(url, HURRIED)
    yield database
    io_loop.run_sync(database.close)
    postgres_server.release(url)


async def scalar(database: Database, statement: str) -> object:
    async with database.reading() as connection:
        return (await connection.execute(text(statement))).scalar_one()


async def add_tasks(database: Database, count: int) -> None:
    async with database.writing() as connection:
        await connection.execute(
            text(
                "INSERT INTO users (id, email, password_hash, created_at, updated_at)"
                " VALUES (gen_random_uuid(), 'a@example.org', '', now(), now())"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO tasks (id, user_id, title, search_text, actual_mins, priority, position, subtasks_hidden,"
                " version, created_at, updated_at) SELECT gen_random_uuid(), users.id, '', '', 0, 'P2', 0, false, 1,"
                f" now(), now() FROM users, generate_series(1, {count})"
            )
        )


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_several_processes_may_migrate_at_once_and_outside_of_transactions(
    migrated: Database, scripts: Path
) -> None:
    await add_tasks(migrated, 5)
    for upgrade in (ADD_COLUMN, FILL_IN_BATCHES, INDEX_CONCURRENTLY):
        newest = add_script(scripts, upgrade)
    assert await asyncio.gather(*(migrate(migrated) for _ in range(4))) == [newest] * 4
    assert await scalar(migrated, "SELECT count(*) FROM tasks WHERE colour IS NULL") == 0
    assert await scalar(migrated, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_tasks_colour'::regclass")


@pytest.mark.gen_test
@pytest.mark.sqlite_suffices
async def test_several_processes_may_migrate_at_once_on_one_file(database: Database, scripts: Path) -> None:
    add_script(scripts, ADD_COLUMN)
    newest = add_script(scripts, 'op.create_index("ix_tasks_colour", "tasks", ["colour"])')
    assert await asyncio.gather(*(migrate(database) for _ in range(2))) == [newest] * 2
    assert await current_revision(database) == newest


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_migrations_before_one_that_fails_stay_applied(migrated: Database, scripts: Path) -> None:
    applied = add_script(scripts, ADD_COLUMN)
    add_script(scripts, f'{ADD_COLUMN}; op.execute("SELECT no_such_column")')
    with pytest.raises(ProgrammingError):
        await migrate(migrated)
    assert await current_revision(migrated) == applied
    assert await scalar(migrated, "SELECT count(*) FROM pg_attribute WHERE attname = 'colour'") == 1


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_a_migration_may_take_longer_than_a_statement_of_a_request(migrated: Database, scripts: Path) -> None:
    newest = add_script(scripts, f'op.execute("SELECT pg_sleep({LONG_SECONDS})")')
    assert await migrate(migrated) == newest


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_requests_go_on_while_a_migration_waits_for_a_table(migrated: Database, scripts: Path) -> None:
    newest = add_script(scripts, ADD_COLUMN)
    async with migrated.unhurried() as unhurried, unhurried.uncommitted() as long_transaction:
        await long_transaction.execute(text("SELECT count(*) FROM tasks"))
        migrating = asyncio.create_task(migrate(migrated))
        waiting: object = 0
        while not waiting:
            waiting = await scalar(unhurried, "SELECT count(*) FROM pg_locks WHERE NOT granted")
        # Stands in line behind the migration until that one has given up for the time being.
        assert await scalar(unhurried, "SELECT count(*) FROM tasks") == 0
        assert not migrating.done()
        await long_transaction.rollback()
        assert await migrating == newest


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_a_table_that_is_never_free_is_named_as_the_cause(
    migrated: Database, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_LOCK_ATTEMPTS", 1)
    add_script(scripts, ADD_COLUMN)
    async with migrated.unhurried() as unhurried, unhurried.uncommitted() as long_transaction:
        await long_transaction.execute(text("SELECT count(*) FROM tasks"))
        with pytest.raises(MigrationBlocked, match="pg_stat_activity"):
            await migrate(migrated)

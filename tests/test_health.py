"""Whether a process should get traffic."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from realtime_app.health import Health
from realtime_app.store.engine import Database
from realtime_app.store.schema import migrate


@pytest.mark.gen_test
async def test_a_database_that_came_later_is_ready_only_with_its_schema(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'realtime.db'}")
    health = Health(database, lambda: "up")
    assert (await health.readiness()).parts["database"] == "schema out of date"
    await migrate(database)
    assert (await health.readiness()).is_ready
    await database.close()


@pytest.mark.gen_test
async def test_the_link_is_named_but_makes_nobody_unready(database: Database) -> None:
    readiness = await Health(database, lambda: "down").readiness()
    assert readiness.is_ready
    assert readiness.parts["redis"] == "down"


@pytest.mark.gen_test
async def test_a_schema_of_a_newer_version_serves_this_one_too(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    assert (await Health(database, lambda: "up").readiness()).is_ready

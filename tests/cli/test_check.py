"""What `check` finds."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers.ports import free_port
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer

pytestmark = pytest.mark.usefixtures("little_patience")

SECRET = "a secret of more than thirty-two bytes"


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_app.cli.check.REDIS_SECONDS", 1.0)


def test_a_quick_start_is_fine(run: Run, migrated: Path) -> None:
    ended = run("check", REDIS_URL="memory://")
    assert ended.code == 0
    assert ended.output.splitlines() == [
        "settings  ok",
        "database  ok, at revision 0001",
        "redis     not needed: one process, REDIS_URL is memory://",
    ]


def test_a_missing_database_is_a_schema_to_be_made(run: Run) -> None:
    ended = run("check")
    assert ended.code == 4
    assert "database  the database is empty" in ended.output
    assert "redis     off: REDIS_URL is not set" in ended.output


@pytest.mark.redis
@pytest.mark.postgres
def test_a_cluster_is_tried_out(
    run: Run, redis_server: RedisServer, postgres_server: PostgresServer, postgres_template: str
) -> None:
    ended = run("check", DATABASE_URL=postgres_template, REDIS_URL=redis_server.url, JWT_SECRET=SECRET)
    assert (ended.code, ended.errors) == (0, "")
    assert "redis     ok" in ended.output


@pytest.mark.redis
@pytest.mark.parametrize("servers", ["shared_redis_sentinel", "shared_redis_cluster"])
def test_several_servers_are_tried_out_as_one(
    run: Run, migrated: Path, servers: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime_app.cli.check.REDIS_SECONDS", 10.0)
    ended = run("check", REDIS_URL=request.getfixturevalue(servers).url, JWT_SECRET=SECRET)
    assert (ended.code, ended.errors) == (0, "")
    assert "redis     ok" in ended.output


def test_everything_that_is_away_is_named_and_the_first_gives_the_code(run: Run) -> None:
    away = f"127.0.0.1:{free_port()}"
    ended = run(
        "check", DATABASE_URL=f"postgresql://u:hidden@{away}/p", REDIS_URL=f"redis://:hidden@{away}", JWT_SECRET=SECRET
    )
    assert ended.code == 3
    assert "database  the database can't be reached (ConnectionRefusedError)" in ended.output
    assert "redis     can't be reached" in ended.output
    assert "hidden" not in ended.output + ended.errors


def test_redis_alone_being_away_has_a_code_of_its_own(run: Run, migrated: Path) -> None:
    assert run("check", REDIS_URL=f"redis://127.0.0.1:{free_port()}", JWT_SECRET=SECRET).code == 5

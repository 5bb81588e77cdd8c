"""What `migrate` does."""

from pathlib import Path

from tests.cli.conftest import Run
from tests.servers.ports import free_port


def test_a_database_is_made_that_nobody_else_can_read(run: Run, tmp_path: Path) -> None:
    ended = run("migrate")
    assert (ended.code, ended.output) == (0, "the database is at revision 0001\n")
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0
    assert (tmp_path / "var" / "realtime.db").stat().st_mode & 0o077 == 0


def test_a_second_time_changes_nothing(run: Run, migrated: Path) -> None:
    assert run("migrate").output == "the database is at revision 0001\n"


def test_a_database_that_is_away_is_said_in_one_line(run: Run) -> None:
    url = f"postgresql://u:hidden@127.0.0.1:{free_port()}/p"
    ended = run("migrate", DATABASE_URL=url, JWT_SECRET="x" * 32)
    assert ended.code == 3
    assert ended.errors == "Error: the database can't be reached (ConnectionRefusedError): is DATABASE_URL right?\n"

"""What `new-epoch` does; how running processes take it is shown in tests/faults/test_new_epoch.py."""

import sqlite3
from pathlib import Path

from tests.cli.conftest import Run
from tests.servers.ports import free_port

SECRET = "x" * 32


def stored_epoch(database: Path) -> str:
    with sqlite3.connect(database) as connection:
        epoch: str = connection.execute("SELECT epoch FROM event_epochs").fetchone()[0]
    connection.close()
    return epoch


def test_the_stored_epoch_is_another_one_and_is_printed(run: Run, migrated: Path) -> None:
    before = stored_epoch(migrated)
    ended = run("new-epoch")
    after = stored_epoch(migrated)
    assert (ended.code, ended.output, ended.errors) == (0, f"the event log is at epoch {after}\n", "")
    assert after != before


def test_without_redis_it_says_when_the_processes_will_know(run: Run, migrated: Path) -> None:
    ended = run("new-epoch", REDIS_URL=f"redis://127.0.0.1:{free_port()}", JWT_SECRET=SECRET)
    assert ended.code == 0
    assert ended.output == f"the event log is at epoch {stored_epoch(migrated)}\n"
    assert ended.errors == "Redis can't be reached: the running processes notice within ten seconds\n"


def test_a_database_that_is_not_migrated_is_refused(run: Run) -> None:
    assert run("new-epoch").code == 4

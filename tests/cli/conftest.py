"""Commands, run as on the command line but within this process: in an empty folder, with no settings but the given."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner

from realtime_app.cli import main
from realtime_app.config import Settings, variable_of
from tests.logging_state import logging_kept
from tests.servers.planner_process import Ended


class Run(Protocol):
    def __call__(self, *arguments: str, stdin: str = "", **settings: str) -> Ended: ...


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`run("create-user", "a@example.org", stdin="…", PORT="1")`; there is no database yet."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)

    def run(*arguments: str, stdin: str = "", **settings: str) -> Ended:
        # In a thread of its own, for a command runs its own event loop.
        with ThreadPoolExecutor(1) as thread:
            result = thread.submit(CliRunner().invoke, main, list(arguments), stdin, settings).result()
        return Ended(result.exit_code, result.stdout, result.stderr)

    mask = os.umask(0o022)
    os.umask(mask)
    with logging_kept():
        yield run
    os.umask(mask)


@pytest.fixture
def migrated(tmp_path: Path, sqlite_template: Path) -> Path:
    """A migrated database where the commands look for it."""
    (tmp_path / "var").mkdir()
    return Path(shutil.copy(sqlite_template, tmp_path / "var" / "realtime.db"))

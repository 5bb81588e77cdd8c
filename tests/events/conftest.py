"""The running application on both databases, and the events that its log holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.app import RunningApp, given_settings


@pytest.fixture
def app(io_loop: IOLoop, tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    running = RunningApp(given_settings(tmp_path, database_url=database_url))
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.close)

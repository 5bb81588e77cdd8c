"""The running application, for everything that is tested over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.app import RunningApp, given_settings


@pytest.fixture
def app(io_loop: IOLoop, tmp_path: Path) -> Iterator[RunningApp]:
    running = RunningApp(given_settings(tmp_path))
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.close)

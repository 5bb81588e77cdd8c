"""The running application, for everything that is tested over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.app import RunningApp, given_settings


@pytest.fixture
def app(io_loop: IOLoop, tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    """On the database that `database_url` names."""
    app = RunningApp(given_settings(tmp_path, database_url=database_url))
    io_loop.run_sync(app.start)
    yield app
    io_loop.run_sync(app.close)

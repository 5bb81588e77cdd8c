"""Fixtures every test may use: the event loop, the real servers, and the watch over the log.

What only one folder needs stands in that folder's own conftest.py.
"""

import asyncio
import re
import threading
from collections.abc import Iterator

import hypothesis
import pytest
from tornado.ioloop import IOLoop
from tornado.platform.asyncio import AsyncIOLoop

from tests.databases import (
    add_option,
    clock,
    database,
    database_url,
    parametrize_databases,
    planner,
    postgres_template,
    sqlite_template,
    stranger,
)
from tests.log_watch import LogWatch
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_cluster import redis_cluster, shared_redis_cluster
from tests.servers.redis_sentinels import redis_sentinels, shared_redis_sentinel
from tests.servers.redis_server import redis_server, shared_redis_server
from tests.work_shares import pytest_xdist_make_scheduler

__all__ = [
    "clock",
    "database",
    "database_url",
    "planner",
    "postgres_template",
    "pytest_xdist_make_scheduler",
    "redis_cluster",
    "redis_sentinels",
    "redis_server",
    "shared_redis_cluster",
    "shared_redis_sentinel",
    "shared_redis_server",
    "sqlite_template",
    "stranger",
]

# How long an example takes depends on what else this machine does.
hypothesis.settings.register_profile("tests", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("tests")

END_WITHIN_SECONDS = 2.0
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


pytest_addoption = add_option
pytest_generate_tests = parametrize_databases


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test alike in every worker, whatever random id it is parametrized with."""
    return UUID.sub("{id}", val) if isinstance(val, str) and UUID.search(val) else None


@pytest.fixture(autouse=True)
def log_watch(request: pytest.FixtureRequest) -> Iterator[LogWatch]:
    """Fail the test for each log record of level WARNING or above that it did not declare."""
    watch = LogWatch.of(request.node)
    with watch.attached():
        yield watch
    if complaint := watch.complaint():
        pytest.fail(complaint, pytrace=False)


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """The loop of one test, in the place of pytest-tornado's, which uses calls that Tornado deprecates."""
    threads = set(threading.enumerate())
    loop = AsyncIOLoop(make_current=False)
    # pytest-tornado makes the test's future before the loop runs.
    asyncio.set_event_loop(loop.asyncio_loop)
    yield loop
    left = loop.run_sync(_tasks_left)
    # aiosqlite's report to the loop even after their connection is gone.
    for thread in set(threading.enumerate()) - threads:
        thread.join(END_WITHIN_SECONDS)
    asyncio.set_event_loop(None)
    loop.close(all_fds=True)
    if left:
        pytest.fail("the test left tasks running:\n" + "\n".join(left), pytrace=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One cluster for the whole run, for tests that don't harm it."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    url = postgres_server.fresh_database()
    yield url
    postgres_server.release(url)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests recorded as the property `table`, of passed and failed ones alike."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, lines in report.user_properties:
                if name == "table" and report.when == "call":
                    terminalreporter.section(report.nodeid, "-")
                    terminalreporter.write("\n".join([*lines, ""]))


async def _tasks_left() -> list[str]:
    """Give the tasks that the test began a moment to end; cancel and name those that do not."""
    asyncio_loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    pending = (await asyncio.wait(tasks, timeout=END_WITHIN_SECONDS))[1] if tasks else set()
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending, timeout=END_WITHIN_SECONDS)
    await asyncio_loop.shutdown_asyncgens()
    await asyncio_loop.shutdown_default_executor()
    return [repr(task.get_coro()) for task in pending]

"""PostgreSQL starts anew under the running application, which lives on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.app import Account, RunningApp, given_settings
from tests.databases import migrate_at
from tests.servers.postgres_server import PostgresServer

pytestmark = [pytest.mark.postgres, pytest.mark.gen_test(timeout=40)]

POOL_SIZE = 4


@pytest.fixture(scope="module")
def restartable() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def app(io_loop: IOLoop, tmp_path: Path, restartable: PostgresServer) -> Iterator[RunningApp]:
    url = restartable.fresh_database()
    migrate_at(url)
    app = RunningApp(given_settings(tmp_path, database_url=url, database_pool_size=POOL_SIZE))
    io_loop.run_sync(app.start)
    yield app
    io_loop.run_sync(app.close)


async def statuses(app: RunningApp, account: Account) -> set[int]:
    """Of reads and writes at once, more than there are connections."""
    reads = [app.get("/tasks", token=account.token) for _ in range(2 * POOL_SIZE)]
    writes = [app.post("/tasks", json={"title": "Write"}, token=account.token) for _ in range(2 * POOL_SIZE)]
    return {answer.status for answer in await asyncio.gather(*reads, *writes)}


async def test_no_request_fails_when_the_database_was_restarted_between_two_of_them(
    app: RunningApp, restartable: PostgresServer
) -> None:
    account = await app.register()
    assert await statuses(app, account) == {200, 201}

    await asyncio.to_thread(restartable.stop)
    await asyncio.to_thread(restartable.start)

    assert await statuses(app, account) == {200, 201}


@pytest.mark.expected_logs("database unavailable")
@pytest.mark.allowed_logs("503")
async def test_requests_are_served_again_without_our_doing_when_the_database_was_away(
    app: RunningApp, restartable: PostgresServer
) -> None:
    account = await app.register()
    await asyncio.to_thread(restartable.stop)
    assert await statuses(app, account) == {503}

    await asyncio.to_thread(restartable.start)

    assert await statuses(app, account) == {200, 201}
    assert (await app.get("/readyz")).data["ready"]

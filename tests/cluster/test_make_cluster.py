"""What `make cluster` and `make cluster-stop` say is so, also when something of it has failed or was killed."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.cluster.https_client import HttpsClient
from tests.cluster.running_cluster import RunningCluster

pytestmark = pytest.mark.system


@pytest.fixture(autouse=True)
def started_again(cluster: RunningCluster) -> Iterator[None]:
    yield
    cluster.start()
    asyncio.run(cluster.until_whole())


def refuses(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.gen_test(timeout=120)
async def test_stopping_ends_the_workers_of_an_nginx_that_was_killed(
    cluster: RunningCluster, visitor: HttpsClient
) -> None:
    cluster.send("nginx", signal.SIGKILL)
    assert (await visitor.ask("GET", "/tasks")).status == 401  # by a worker
    printed = await asyncio.to_thread(cluster.stop)
    assert printed.endswith("Nothing of the cluster is running\n")
    assert printed.count("which had lost its supervisord") == 2
    assert refuses(cluster.port)


@pytest.mark.gen_test(timeout=180)
async def test_starting_fails_when_redis_does_not_run(cluster: RunningCluster) -> None:
    await asyncio.to_thread(cluster.stop)
    with socket.socket() as another:
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        another.bind(("127.0.0.1", cluster.redis_port))
        another.listen()
        assert "not running: redis:redis" in await asyncio.to_thread(cluster.fail_to_start)
    assert refuses(cluster.port)

"""Redis fails over under connected clients of two processes: what they notice is latency."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime_app.core.channels import user_channel
from tests.app import Account, RunningApp, given_settings
from tests.realtime.peers import until
from tests.servers.redis_cluster import RedisCluster
from tests.servers.redis_sentinels import RedisSentinels
from tests.web_socket import WebSocket, web_socket

pytestmark = [
    pytest.mark.redis,
    pytest.mark.system,
    pytest.mark.gen_test(timeout=60),
    pytest.mark.allowed_logs("the link to .* is lost", "rate limits hold for each process by itself"),
]

FAILOVER_SECONDS = 30.0
LATENCY_SECONDS = 2.5
"""Promised are two while a process knows that Redis is down; the rest is this machine's."""

StartApps = Callable[[str], Awaitable[list[RunningApp]]]


@pytest.fixture
def start_apps(io_loop: IOLoop, tmp_path: Path) -> Iterator[StartApps]:
    """Two processes' worth of application on one database and the given Redis."""
    apps: list[RunningApp] = []

    async def start(redis_url: str) -> list[RunningApp]:
        for _ in range(2):
            apps.append(RunningApp(given_settings(tmp_path, redis_url=redis_url)))
            await apps[-1].start()
        return apps

    yield start
    for app in apps:
        io_loop.run_sync(app.close)


class Writer:
    """Writes at one process all the time; notes how late each event reaches the tab of the other."""

    def __init__(self, app: RunningApp, account: Account, tab: WebSocket) -> None:
        self.last_id = 0
        self.latencies: list[float] = []
        self._app, self._account, self._tab = app, account, tab

    async def write(self) -> None:
        answer = await self._app.post("/tasks", json={"title": "Write"}, token=self._account.token)
        assert answer.status == 201
        self.last_id = int(answer.headers["Last-Event-Id"])
        written_at = asyncio.get_running_loop().time()
        await self._tab.hear_until(self.last_id)
        self.latencies.append(asyncio.get_running_loop().time() - written_at)

    async def write_until(self, is_met: Callable[[], bool]) -> None:
        async with asyncio.timeout(FAILOVER_SECONDS):
            while not is_met():
                await self.write()


def is_up(app: RunningApp) -> bool:
    assert app.application.realtime is not None
    return app.application.realtime.broker.is_link_up


async def live_through(apps: list[RunningApp], account: Account, kill: Callable[[], None]) -> None:
    """Both tabs hear each event once and in order, late by seconds at most, and stay connected."""
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(web_socket(app.url, token=account.token)) for app in apps]
        assert [(await tab.hear())["type"] for tab in (here, there)] == ["connected"] * 2
        writer = Writer(apps[0], account, there)
        await until(lambda: all(map(is_up, apps)))
        await writer.write()

        kill()
        await writer.write_until(lambda: not any(map(is_up, apps)))
        await writer.write_until(lambda: all(map(is_up, apps)))
        await writer.write()

        everything = list(range(1, writer.last_id + 1))
        assert there.seen == everything
        assert await here.hear_until(writer.last_id) == everything
        assert max(writer.latencies) < LATENCY_SECONDS


async def test_clients_notice_nothing_but_latency_when_the_master_dies(
    redis_sentinels: RedisSentinels, start_apps: StartApps
) -> None:
    apps = await start_apps(redis_sentinels.url)
    account = await apps[0].register()

    await live_through(apps, account, redis_sentinels.master.kill)


async def test_clients_notice_nothing_but_latency_when_the_node_of_their_channel_dies(
    redis_cluster: RedisCluster, start_apps: StartApps
) -> None:
    apps = await start_apps(redis_cluster.url)
    account = await apps[0].register()
    node = redis_cluster.master_of(user_channel(account.id))
    await asyncio.to_thread(redis_cluster.add_replica_of, node)

    await live_through(apps, account, node.kill)

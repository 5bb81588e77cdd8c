"""Whatever of the site dies or hangs: clients miss nothing, and supervisor brings it back."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.cluster.https_client import HttpsClient
from tests.cluster.returning_client import ReturningClient
from tests.cluster.running_cluster import RunningCluster

pytestmark = pytest.mark.system

TABS = 16
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
# Of a process that hangs: three checks, five seconds apart, and the start.
HUNG_SECONDS = 90.0


@pytest.fixture(autouse=True)
def whole(cluster: RunningCluster) -> Iterator[None]:
    """What a test harmed is well again before the next one begins."""
    yield
    asyncio.run(cluster.until_whole())


class Tabs:
    """Some tabs of one person, and the position that all of them have to reach."""

    def __init__(self, person: HttpsClient) -> None:
        self.person = person
        self.written = 0
        self.tabs = [ReturningClient(person, "127.0.0.1", lambda: self.written) for _ in range(TABS)]
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Tabs:
        for tab in self.tabs:
            await self._stack.enter_async_context(tab.following())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def write(self) -> None:
        reply = await self.person.ask("POST", "/tasks", {"title": f"Task {self.written + 1}"})
        assert reply.status == 201, reply.body
        self.written = int(reply.headers["last-event-id"])

    async def all_arrive(self) -> None:
        """Everywhere, in order, once."""
        for tab in self.tabs:
            await tab.until_position(self.written)
            assert tab.ids == list(range(1, self.written + 1))
            assert not tab.unrecovered


@pytest.mark.gen_test(timeout=120)
async def test_a_killed_process_loses_nothing_and_comes_back(cluster: RunningCluster, visitor: HttpsClient) -> None:
    async with Tabs(await visitor.register()) as tabs:
        await tabs.write()
        await tabs.all_arrive()
        killed = cluster.send("realtime_app:1", signal.SIGKILL)
        for _ in range(20):
            await tabs.write()  # each of them succeeds at the first attempt
        await tabs.all_arrive()
        assert sum(len(tab.return_seconds) for tab in tabs.tabs) >= 1
        await cluster.until("another process 1", lambda: cluster.pid_of("realtime_app:1") not in (0, killed))


@pytest.mark.gen_test(timeout=120)
async def test_a_dying_process_leaves_no_token_in_any_log(cluster: RunningCluster, visitor: HttpsClient) -> None:
    person = await visitor.register()
    connections = _connections(cluster)
    paused = [cluster.send(f"realtime_app:{number}", signal.SIGSTOP) for number in range(4)]
    handshakes = [visitor.ask("GET", f"/ws?token={person.token}", **UPGRADE) for _ in range(8)]
    waiting = asyncio.gather(*handshakes, visitor.ask("GET", "/tasks?not-a-secret"))
    await cluster.until("nginx to hand them on", lambda: _connections(cluster) >= connections + 9)
    for pid in paused:
        os.kill(pid, signal.SIGKILL)
    assert {reply.status for reply in await waiting} == {503}
    await cluster.until("them to be back", lambda: not set(cluster.process_pids()) & {0, *paused})
    _assert_silent_about(person.token, cluster, "not-a-secret")


@pytest.mark.gen_test(timeout=120)
async def test_a_stopped_process_leaves_no_token_in_any_log(cluster: RunningCluster, visitor: HttpsClient) -> None:
    person = await visitor.register()
    await asyncio.to_thread(cluster.supervisorctl, "stop", "realtime_app:3")
    replies = [await visitor.ask("GET", f"/ws?token={person.token}") for _ in range(8)]
    assert {reply.status for reply in replies} == {400}  # no upgrade was asked for
    assert {(await visitor.ask("GET", "/tasks?no-secret-either")).status for _ in range(8)} == {401}
    await asyncio.to_thread(cluster.supervisorctl, "start", "realtime_app:3")
    _assert_silent_about(person.token, cluster, "no-secret-either")


def _assert_silent_about(token: str, cluster: RunningCluster, marker: str) -> None:
    """nginx does write about requests whose process is gone; of the WebSockets it writes nothing."""
    assert marker in cluster.log("nginx/realtime_app.error.log")
    for log in (cluster.folder / "var/log").rglob("*.log"):
        assert token not in log.read_text(errors="replace"), log


def _connections(cluster: RunningCluster) -> int:
    """To the processes, and such as wait in their queues."""
    path = rf" {cluster.folder}/run/realtime-app/\d\.sock$"
    return len(re.findall(path, Path("/proc/net/unix").read_text(), re.MULTILINE))


@pytest.mark.gen_test(timeout=120)
async def test_events_arrive_while_redis_is_dead_and_supervisor_restarts_it(
    cluster: RunningCluster, visitor: HttpsClient
) -> None:
    async with Tabs(await visitor.register()) as tabs:
        await tabs.write()
        await tabs.all_arrive()
        killed = cluster.send("redis", signal.SIGKILL)
        for _ in range(5):
            await tabs.write()
        await tabs.all_arrive()
        assert not any(tab.close_codes for tab in tabs.tabs)
        await cluster.until("another Redis", lambda: cluster.pid_of("redis") not in (0, killed))


@pytest.mark.gen_test(timeout=120)
async def test_every_tab_comes_back_after_a_restart_of_nginx(cluster: RunningCluster, visitor: HttpsClient) -> None:
    async with Tabs(await visitor.register()) as tabs:
        await tabs.write()
        await tabs.all_arrive()
        await asyncio.to_thread(cluster.supervisorctl, "restart", "nginx")
        await tabs.write()
        await tabs.all_arrive()
        assert all(tab.return_seconds for tab in tabs.tabs)


@pytest.mark.gen_test(timeout=150)
async def test_a_process_that_hangs_is_started_anew(cluster: RunningCluster) -> None:
    hung = cluster.send("realtime_app:2", signal.SIGSTOP)
    await cluster.until("another process 2", lambda: cluster.pid_of("realtime_app:2") not in (0, hung), HUNG_SECONDS)
    log = cluster.log("realtime-app/health.log")
    assert log.count(f"realtime_app:2 does not answer process={hung}") == 3
    assert "realtime_app:2 was killed, to be started anew" in log

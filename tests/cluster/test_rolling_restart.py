"""A deploy under load: every process is restarted while people write and watch; nobody notices more than a reconnect.

`make rolling` does it with 2,000 clients and prints the figures.
"""

from __future__ import annotations

import asyncio
import os
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from tests.cluster.https_client import HttpsClient
from tests.cluster.returning_client import ReturningClient
from tests.cluster.running_cluster import RunningCluster

pytestmark = pytest.mark.system

CLIENTS = int(os.environ.get("ROLLING_CLIENTS", "300"))
CLIENTS_PER_PERSON = 25
WRITES_PER_SECOND = 20
BACK_WITHIN_SECONDS = 5.0
RESTARTING = 1012


class Person:
    """Some clients of one user, and one that writes all the time."""

    def __init__(self, client: HttpsClient) -> None:
        self.written = 0
        self.failures: list[str] = []
        self.seconds: list[float] = []
        self._client = client
        self.clients = [
            ReturningClient(client, client.address, lambda: self.written) for _ in range(CLIENTS_PER_PERSON)
        ]

    async def write_until(self, end: asyncio.Event, interval_seconds: float) -> None:
        while not end.is_set():
            await self._write()
            await asyncio.sleep(interval_seconds)

    async def _write(self) -> None:
        begun = asyncio.get_running_loop().time()
        try:
            reply = await self._client.ask("POST", "/tasks", {"title": "Written during a deploy"})
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.failures.append(repr(error))
            return
        self.seconds.append(asyncio.get_running_loop().time() - begun)
        if reply.status == 201:
            self.written = max(self.written, int(reply.headers["last-event-id"]))
        else:
            self.failures.append(f"{reply.status} {reply.body.decode()}")


async def people(cluster: RunningCluster) -> list[Person]:
    """Each comes from an address of their own."""
    found = []
    for number in range(CLIENTS // CLIENTS_PER_PERSON):
        visitor = HttpsClient(cluster, f"127.0.{10 + number // 200}.{1 + number % 200}")
        found.append(Person(await visitor.register()))
    return found


@pytest.mark.gen_test(timeout=300)
async def test_a_rolling_restart_fails_no_write_and_loses_no_event(cluster: RunningCluster) -> None:
    persons = await people(cluster)
    clients = [client for person in persons for client in person.clients]
    old_pids = cluster.process_pids()
    async with AsyncExitStack() as open_clients:
        for client in clients:
            await open_clients.enter_async_context(client.following())
        end = asyncio.Event()
        interval = len(persons) / WRITES_PER_SECOND
        writers = [asyncio.create_task(person.write_until(end, interval)) for person in persons]
        restart = await asyncio.to_thread(cluster.rolling_restart)
        end.set()
        await asyncio.gather(*writers)
        for person in persons:
            for client in person.clients:
                await client.until_position(person.written)
        print(figures(persons), restart.stdout, sep="\n")  # noqa: T201

    assert restart.returncode == 0, restart.stderr
    assert not set(old_pids) & set(cluster.process_pids())
    assert [failure for person in persons for failure in person.failures] == []
    for person in persons:
        assert all(client.ids == list(range(1, person.written + 1)) for client in person.clients)
    assert not any(client.unrecovered for client in clients)
    assert {code for client in clients for code in client.close_codes} == {RESTARTING}
    assert max(second for client in clients for second in client.return_seconds) <= BACK_WITHIN_SECONDS


def figures(persons: list[Person]) -> str:
    clients = [client for person in persons for client in person.clients]
    codes = Counter(code for client in clients for code in client.close_codes)
    back = sorted(second for client in clients for second in client.return_seconds)
    writes = sorted(second for person in persons for second in person.seconds)
    return (
        f"\n{len(clients)} clients, {len(back)} returns, close codes {dict(codes)}"
        f"\nback and up to date: median {statistics.median(back):.2f} s, slowest {back[-1]:.2f} s"
        f" (of which up to 1 s is the clients' own jitter)"
        f"\n{len(writes)} writes: median {statistics.median(writes) * 1000:.0f} ms, slowest {writes[-1] * 1000:.0f} ms"
        f"\n{sum(len(client.ids) for client in clients)} events arrived"
    )


@pytest.fixture
def broken_settings(cluster: RunningCluster) -> Iterator[None]:
    """No process can start with them; with those of before, supervisor brings the one that was stopped back."""
    settings = cluster.folder / "etc/realtime-app/.env"
    good = settings.read_text()
    settings.write_text(good + "WS_PING_INTERVAL=never\n")
    yield
    settings.write_text(good)
    asyncio.run(
        cluster.until("process 0 to be back", lambda: "RUNNING" in cluster.supervisorctl("status", "realtime_app:0"))
    )


@pytest.mark.gen_test(timeout=120)
@pytest.mark.usefixtures("broken_settings")
async def test_a_rolling_restart_stops_when_a_process_does_not_come_back(
    cluster: RunningCluster, visitor: HttpsClient
) -> None:
    pids = cluster.process_pids()
    restart = await asyncio.to_thread(cluster.rolling_restart)
    assert restart.returncode == 1
    assert restart.stderr.startswith("Error: realtime_app:0 did not come back")
    assert cluster.process_pids()[1:] == pids[1:]
    assert (await visitor.ask("GET", "/auth/me")).status == 401

"""Two real processes on one database and one real Redis: what one writes, both show, whatever goes away meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
import redis.asyncio
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.ioloop import IOLoop

from tests.auth.parts import SECRET
from tests.servers.planner_process import PlannerProcess
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer
from tests.web_socket import WebSocket, web_socket

pytestmark = [pytest.mark.system, pytest.mark.redis, pytest.mark.postgres]


@pytest.fixture(scope="module")
def own_redis() -> Iterator[RedisServer]:
    """Of this module alone: it is killed, and started again."""
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def processes(
    tmp_path_factory: pytest.TempPathFactory,
    own_redis: RedisServer,
    postgres_server: PostgresServer,
    postgres_template: str,
) -> Iterator[list[PlannerProcess]]:
    """Two, which serve all the tests of this module; one that is killed is started again by its test."""
    url = postgres_server.fresh_database(postgres_template)
    settings = {
        "DATABASE_URL": url,
        "REDIS_URL": own_redis.url,
        "JWT_SECRET": SECRET,
        "RATE_LIMIT_ENABLED": "false",
        "DRAIN_SECONDS": "1",
    }
    processes = [PlannerProcess(tmp_path_factory.mktemp(name), **settings) for name in ("one", "other")]
    with ThreadPoolExecutor() as threads:
        list(threads.map(PlannerProcess.start, processes))
    yield processes
    for process in processes:
        process.close()
    postgres_server.release(url)


class Pair:
    """The two processes and one person who uses both."""

    def __init__(self, one: PlannerProcess, other: PlannerProcess) -> None:
        self.one = one
        self.other = other
        self.user_id = ""
        self.token = ""
        self._client = AsyncHTTPClient(force_instance=True)

    async def start(self) -> None:
        await self.until_link(1)
        body = {"email": f"{uuid4()}@example.org", "password": "Correct-Horse-7"}
        registered = await self.post(self.one, "/auth/register", body)
        self.user_id, self.token = registered["data"]["user"]["id"], registered["data"]["token"]

    def close(self) -> None:
        self._client.close()

    async def post(self, process: PlannerProcess, path: str, body: object) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = HTTPRequest(process.address + path, "POST", headers, json.dumps(body).encode())
        answer: dict[str, Any] = json.loads((await self._client.fetch(request)).body)
        return answer

    async def write(self, process: PlannerProcess) -> str:
        """A new task's id."""
        task_id: str = (await self.post(process, "/tasks", {"title": "t"}))["data"]["id"]
        return task_id

    async def until_link(self, state: int) -> None:
        """Wait until both processes know that Redis is there (1) or not (0)."""
        wanted = f"\nrealtime_link_up {state}.0\n".encode()
        async with asyncio.timeout(10):
            for process in (self.one, self.other):
                while wanted not in await self._metrics(process):
                    continue

    async def _metrics(self, process: PlannerProcess) -> bytes:
        body: bytes = (await self._client.fetch(process.address + "/metrics")).body
        return body

    @asynccontextmanager
    async def tabs(self) -> AsyncIterator[tuple[WebSocket, WebSocket]]:
        """A greeted one on each process."""
        async with (
            web_socket(self.one.address, token=self.token) as here,
            web_socket(self.other.address, token=self.token) as there,
        ):
            for tab in (here, there):
                assert (await tab.hear())["type"] == "connected"
            yield here, there


@pytest.fixture
def pair(io_loop: IOLoop, processes: list[PlannerProcess]) -> Iterator[Pair]:
    async def begin() -> Pair:
        pair = Pair(*processes)
        await pair.start()
        return pair

    pair = io_loop.run_sync(begin)
    yield pair
    pair.close()


@asynccontextmanager
async def subscribed(server: RedisServer, channel: str) -> AsyncIterator[Any]:
    """As `redis-cli SUBSCRIBE` does it."""
    async with redis.asyncio.from_url(server.url) as client, client.pubsub() as listening:
        await listening.subscribe(channel)
        assert (await listening.get_message(timeout=5.0))["type"] == "subscribe"
        yield listening


@pytest.mark.gen_test
async def test_a_write_on_one_process_reaches_the_sockets_of_both(pair: Pair) -> None:
    async with pair.tabs() as (here, there):
        for number, writer in enumerate([pair.one, pair.other] * 5, 1):
            task_id = await pair.write(writer)
            for tab in (here, there):
                event = await tab.hear(1.0)
                assert (event["id"], event["payload"]["taskId"]) == (number, task_id)


@pytest.mark.gen_test
async def test_writes_on_both_processes_at_once_arrive_in_one_order(pair: Pair) -> None:
    async with pair.tabs() as (here, there):
        await asyncio.gather(*(pair.write(writer) for writer in [pair.one, pair.other] * 15))
        assert await here.hear_until(30) == await there.hear_until(30) == list(range(1, 31))


@pytest.mark.gen_test
async def test_whoever_subscribes_in_redis_sees_the_object_that_the_clients_get(
    pair: Pair, own_redis: RedisServer
) -> None:
    channel = f"user:{pair.user_id}:events"
    async with subscribed(own_redis, channel) as listening, web_socket(pair.other.address, token=pair.token) as tab:
        await tab.hear()
        await pair.write(pair.one)
        message = await listening.get_message(timeout=5.0)
        assert message["channel"].decode() == channel
        assert json.loads(message["data"]) == await tab.hear()


@pytest.mark.gen_test
async def test_what_another_program_publishes_reaches_the_sockets(pair: Pair, own_redis: RedisServer) -> None:
    async with web_socket(pair.other.address, token=pair.token) as tab:
        await tab.hear()
        foreign = {"type": "task:updated", "payload": {"by": "cron"}, "timestamp": "2026-11-23T15:48:00.000Z"}
        own_redis.execute("PUBLISH", f"user:{pair.user_id}:events", json.dumps(foreign))
        assert await tab.hear() == foreign


@pytest.mark.gen_test
async def test_a_logout_on_one_process_closes_the_sockets_of_the_other(pair: Pair) -> None:
    async with web_socket(pair.other.address, token=pair.token) as tab:
        await tab.hear()
        await pair.post(pair.one, "/auth/logout", {})
        assert (await tab.closed(1.0))[0] == 4001


@pytest.mark.gen_test
async def test_events_go_on_while_redis_is_killed_and_after_it_is_back(pair: Pair, own_redis: RedisServer) -> None:
    async with pair.tabs() as (here, there):
        await pair.write(pair.one)
        await there.hear_until(1)
        await asyncio.to_thread(own_redis.kill)
        await pair.until_link(0)
        await pair.write(pair.one)
        assert await here.hear_until(2, 0.5) == [1, 2]  # its own process needs no Redis
        assert await there.hear_until(2, 2.5) == [1, 2]
        await asyncio.to_thread(own_redis.start)
        await pair.until_link(1)
        await pair.write(pair.one)
        assert await there.hear_until(3, 1.0) == [1, 2, 3]
        assert await here.hear_until(3, 1.0) == [1, 2, 3]


@pytest.mark.gen_test
async def test_the_clients_of_a_killed_process_go_on_at_the_other(pair: Pair) -> None:
    async with web_socket(pair.one.address, token=pair.token) as tab:
        await tab.hear()
        await pair.write(pair.one)
        await tab.hear_until(1)
        pair.one.process.kill()
        assert (await tab.closed())[0] is None
    for _ in range(2):
        await pair.write(pair.other)
    async with web_socket(pair.other.address, token=pair.token, since=1, epoch=tab.epoch) as again:
        assert (await again.hear())["payload"]["recovered"] is True
        await pair.write(pair.other)
        assert await again.hear_until(4) == [2, 3, 4]
    await asyncio.to_thread(pair.one.start)

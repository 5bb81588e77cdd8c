"""How long until another tab shows it: a REST write on one process, the frame on another, at a steady rate."""

from __future__ import annotations

import asyncio
import threading
import time

import orjson

from bench.crowd import Crowd
from bench.figures import PERCENTILES, Figure, percentile
from bench.http_client import HttpClient, Request
from bench.process import CLIENT_CORE, on_core
from bench.site import Site

USERS = 200
WRITES_PER_SECOND = 200.0
WRITES = 2_000
CLIENTS = 8
MOST_SECONDS = 60.0


def measure() -> list[Figure]:
    heard_at: dict[str, float] = {}

    def hear(frame: bytes) -> None:
        event = orjson.loads(frame)
        if event["type"] == "task:created":
            heard_at[event["payload"]["taskId"]] = time.monotonic()

    with Site(USERS, on_postgres=True, processes=2) as site, on_core(CLIENT_CORE):
        crowd = Crowd(site.servers[1].port, hear)
        crowd.connect(site.paths(tabs=1))
        writer = _Writer(site)
        writer.start()
        crowd.serve_until(lambda: len(heard_at) >= WRITES, MOST_SECONDS)
        writer.join()
        crowd.drop()
    after_request = [heard_at[task] - sent for task, (sent, _) in writer.written.items()]
    after_answer = [heard_at[task] - answered for task, (_, answered) in writer.written.items()]
    return [
        Figure(f"{kind} to frame, p{percent}", percentile(values, percent) * 1e3, "ms")
        for kind, values in (("REST request", after_request), ("REST answer", after_answer))
        for percent in PERCENTILES
    ]


class _Writer(threading.Thread):
    """`written` is when each task's request was sent and answered; the commit lies between the two."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.written: dict[str, tuple[float, float]] = {}
        self._site = site

    def run(self) -> None:
        asyncio.run(self._write())

    async def _write(self) -> None:
        numbers, begun = iter(range(WRITES)), time.monotonic()

        async def work() -> None:
            client = HttpClient(self._site.port)
            await client.start()
            for number in numbers:
                await asyncio.sleep(max(0.0, begun + number / WRITES_PER_SECOND - time.monotonic()))
                await self._write_one(client, self._site.user_ids[number % USERS])
            await client.close()

        await asyncio.gather(*(work() for _ in range(CLIENTS)))

    async def _write_one(self, client: HttpClient, user_id: str) -> None:
        sent = time.monotonic()
        answer = await client.send(Request("POST", "/tasks", {"title": "Write"}), self._site.tokens[user_id])
        self.written[answer["data"]["id"]] = (sent, time.monotonic())

"""What a REST request costs: POST /tasks with its event, a list of 50 tasks; on PostgreSQL beside a bare handler."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.figures import Figure, middle
from bench.http_client import Request, send_all
from bench.process import SERVER_CORE, cpu_seconds, on_core, settle
from bench.site import Site
from tests.servers.planner_process import ROOT, environment
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess

CLIENTS = 4
WARM_UP = 100
REQUESTS = 400
TASKS = 50

WRITE = Request("POST", "/tasks", {"title": "Write the report"})
READ = Request("GET", f"/tasks?limit={TASKS}")

Costs = tuple[float, float]
Each = Callable[[int], tuple[Request, str]]


def measure(users: int, runs: int, *, on_postgres: bool, suffix: str = "") -> list[Figure]:
    """Writes go to all users in turn; the first one has tasks enough for a list."""
    with Site(users, on_postgres=on_postgres) as site:
        ours = _Target(site.pid, site.port, [site.tokens[user_id] for user_id in site.user_ids])
        asyncio.run(send_all(site.port, CLIENTS, TASKS, lambda _: (WRITE, ours.tokens[0])))
        if not on_postgres:
            return _figures("SQLite", suffix, [ours.costs() for _ in range(runs)])
        with _bare(site) as bare:
            pairs = [(ours.costs(), bare.costs()) for _ in range(runs)]
    ratios = [(write / bare_write, read / bare_read) for (write, read), (bare_write, bare_read) in pairs]
    return [
        *_figures("PostgreSQL", suffix, [costs for costs, _ in pairs]),
        middle(f"POST /tasks beside a bare handler{suffix}", [write for write, _ in ratios], "times"),
        middle(f"GET {TASKS} tasks beside a bare handler{suffix}", [read for _, read in ratios], "times"),
    ]


def _figures(kind: str, suffix: str, costs: list[Costs]) -> list[Figure]:
    return [
        middle(f"POST /tasks, {kind}{suffix}", [write for write, _ in costs], "ms CPU"),
        middle(f"GET {TASKS} tasks, {kind}{suffix}", [read for _, read in costs], "ms CPU"),
    ]


@dataclass(frozen=True)
class _Target:
    """A server, and the tokens that it is shown in turn."""

    pid: int
    port: int
    tokens: list[str]

    def costs(self) -> Costs:
        """CPU milliseconds of a write and of a list."""
        return (
            self._cost(lambda number: (WRITE, self.tokens[number % len(self.tokens)])),
            self._cost(lambda _: (READ, self.tokens[0])),
        )

    def _cost(self, each: Each) -> float:
        asyncio.run(send_all(self.port, CLIENTS, WARM_UP, each))
        settle(self.pid)
        before = cpu_seconds(self.pid)
        asyncio.run(send_all(self.port, CLIENTS, REQUESTS, each))
        return (cpu_seconds(self.pid) - before) / REQUESTS * 1e3


@contextmanager
def _bare(site: Site) -> Iterator[_Target]:
    port = free_port()
    command = [sys.executable, "-m", "bench.bare_server", str(port), site.database_url]
    with on_core(SERVER_CORE):
        server = ServerProcess(command, site.folder / "bare.log", directory=ROOT, environment=environment())
    try:
        server.wait_until(lambda: "serving" in server.output)
        yield _Target(server.pid, port, [""])
    finally:
        server.kill()

"""One process of the cluster, with links of its own to Redis and PostgreSQL that a test can break."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
import urllib.request
from pathlib import Path

from sqlalchemy import make_url

from tests.auth.parts import SECRET
from tests.servers.planner_process import environment
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess
from tests.servers.tcp_proxy import TcpProxy

ANSWER_SECONDS = 5.0
START_SECONDS = 120.0
"""A second on an idle machine; a busy one may not make a test fail that is about something else."""
_SAMPLE = re.compile(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


class AppProcess:
    """`realtime-app serve` on a port that stays the same.

    `able_since` is when it last began to run, ran on, or reached the database again.
    """

    def __init__(self, folder: Path, redis_port: int, database_url: str, **settings: str) -> None:
        self.port = free_port()
        self.redis_link = TcpProxy(redis_port, records=False)
        self.database_link = TcpProxy(make_url(database_url).port or 0, records=False)
        self.able_since = 0.0
        self._folder = folder
        self._database_url = database_url
        self._settings = {"RATE_LIMIT_ENABLED": "false", "DRAIN_SECONDS": "3", **settings}
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running

    @property
    def pid(self) -> int:
        return self._started.pid

    async def open_links(self) -> None:
        await self.redis_link.start()
        await self.database_link.start()

    def heal_links(self) -> None:
        """What went through a broken one must connect anew."""
        for link in (self.redis_link, self.database_link):
            if link.is_stalled:
                link.cut()

    async def close(self) -> None:
        if self._process is not None:
            await self.kill()
        await self.redis_link.close()
        await self.database_link.close()

    async def start(self, **settings: str) -> None:
        """Returns when it answers. `settings` count until the next start."""
        through_proxy = make_url(self._database_url).set(port=self.database_link.port)
        given = environment(
            DATABASE_URL=through_proxy.render_as_string(hide_password=False),
            REDIS_URL=self.redis_link.url,
            JWT_SECRET=SECRET,
            **self._settings | settings,
        )
        command = [sys.executable, "-W", "error", "-m", "realtime_app", "serve", "--port", str(self.port)]
        log = self._folder / f"app-{self.port}.log"
        self._process = ServerProcess(command, log, directory=self._folder, environment=given)
        await asyncio.to_thread(self._process.wait_until, self._answers, START_SECONDS)
        self.able_since = time.time()

    async def kill(self) -> None:
        await asyncio.to_thread(self._started.kill)

    async def stop(self) -> None:
        """In good order: its clients are sent away."""
        await asyncio.to_thread(self._started.terminate)

    async def wait_for_death(self, seconds: float) -> bool:
        """False when it still lives then."""
        deadline = time.monotonic() + seconds
        while self.is_running:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def stand_still(self, seconds: float) -> None:
        self._started.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._started.send_signal(signal.SIGCONT)
            self.able_since = time.time()

    async def metrics(self) -> dict[str, float]:
        """By name, with the label where there is one: `realtime_closes_total{code="4009"}`."""
        page = await asyncio.to_thread(self._get, "/metrics")
        return {name: float(value) for name, value in _SAMPLE.findall(page)}

    async def metric(self, name: str) -> float:
        """0 for one that nothing was counted of yet."""
        return (await self.metrics()).get(name, 0.0)

    async def until_metric(self, name: str, value: float, seconds: float) -> float:
        """Waits until the metric has this value; gives how long that took."""
        began = time.monotonic()
        while (found := await self.metric(name)) != value:
            waited = time.monotonic() - began
            assert waited < seconds, f"{name} is {found:g} after {waited:.1f} s, not {value:g}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    def memory_bytes(self) -> int:
        """What the process holds of the machine's memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[0]) * 1024

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    @property
    def _started(self) -> ServerProcess:
        assert self._process, "not started"
        return self._process

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=ANSWER_SECONDS) as answer:
            text: str = answer.read().decode()
        return text

    def _answers(self) -> bool:
        try:
            return bool(self._get("/healthz"))
        except OSError:
            return False

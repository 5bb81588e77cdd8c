"""The private cluster as `make cluster` makes it, in a folder of the tests' own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.servers.planner_process import ROOT, environment
from tests.servers.process import find_program

# Shorter than the shipped one: the tests wait for it again and again.
DRAIN_SECONDS = 3
# Far more than it takes: the machine may be busy with other tests.
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.05
START = ("start", "--drain-seconds", str(DRAIN_SECONDS))
PROGRAMS = ("nginx", "supervisord", "supervisorctl", "redis-server", "initdb", "openssl")


class RunningCluster:
    """Started and stopped by its command; `program` is realtime_app, nginx, redis or postgresql."""

    def __init__(self) -> None:
        for program in PROGRAMS:
            find_program(program)
        self.folder = Path(tempfile.mkdtemp(prefix="cluster-"))
        # PostgreSQL runs under another account when the tests are root's.
        self.folder.chmod(0o755)

    def start(self) -> str:
        """Gives what it printed."""
        printed = self._command(*START)
        choices = json.loads((self.folder / "choices.json").read_text())
        self.port: int = choices["https_port"]
        self.redis_port: int = choices["redis_port"]
        self.monitoring_port: int = choices["monitoring_port"]
        self.trust = ssl.create_default_context(cafile=str(self.folder / "etc/realtime-app/tls/fullchain.pem"))
        return printed

    def fail_to_start(self) -> str:
        """Gives what it printed."""
        ended = self._run(*START)
        assert ended.returncode != 0, ended.stdout
        return ended.stdout

    def stop(self) -> str:
        return self._command("stop")

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def supervisor_url(self) -> str:
        return f"unix://{self.folder}/run/realtime-app/supervisor.sock"

    def log(self, name: str) -> str:
        return (self.folder / "var/log" / name).read_text()

    def supervisorctl(self, *arguments: str) -> str:
        configuration = str(self.folder / "etc/supervisor/supervisord.conf")
        command = [find_program("supervisorctl"), "-c", configuration, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    @contextmanager
    def changed(self, file: str, standard: str, private: str) -> Iterator[None]:
        """nginx with another configuration, as long as the block lasts."""
        path = self.folder / "etc/nginx" / file
        before = path.read_text()
        assert standard in before
        try:
            path.write_text(before.replace(standard, private))
            self.supervisorctl("restart", "nginx")
            yield
        finally:
            path.write_text(before)
            self.supervisorctl("restart", "nginx")

    def pid_of(self, program: str) -> int:
        """0 while it doesn't run."""
        printed = self.supervisorctl("pid", program).strip()
        return int(printed) if printed.isdecimal() else 0

    def process_pids(self) -> list[int]:
        """Of the planner's four processes."""
        return [self.pid_of(f"realtime_app:{number}") for number in range(4)]

    def send(self, program: str, number: int) -> int:
        """Sends a signal; gives the pid that got it."""
        pid = self.pid_of(program)
        os.kill(pid, number)
        return pid

    def rolling_restart(self, *options: str) -> subprocess.CompletedProcess[str]:
        """The command a sysadmin runs, to its end."""
        program = [sys.executable, "-m", "realtime_app", "rolling-restart", "--supervisor", self.supervisor_url]
        return subprocess.run(
            [*program, *options], env=environment(), cwd=self.folder, capture_output=True, text=True, check=False
        )

    async def until(self, what: str, is_so: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not await asyncio.to_thread(is_so):
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            await asyncio.sleep(POLL_SECONDS)

    async def until_whole(self) -> None:
        """All four processes are ready and have their link to Redis."""
        await self.until("the cluster to be whole", self._is_whole)

    def _is_whole(self) -> bool:
        return all(self._readiness(number) == b'"database":"up","redis":"up"' for number in range(4))

    def _readiness(self, number: int) -> bytes:
        """The states of a process's parts; empty while it can't be asked."""
        try:
            with urlopen(f"http://127.0.0.1:{self.monitoring_port}/{number}/readyz", timeout=WAIT_SECONDS) as answer:
                return bytes(answer.read()).partition(b'"process":"serving",')[2].rstrip(b"}")
        except OSError:
            return b""

    def processes(self) -> list[str]:
        """The command lines that hold the cluster's folder, and those of its PostgreSQL and Redis."""
        lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
        return [line for line in lines if str(self.folder) in line]

    def _command(self, *arguments: str) -> str:
        ended = self._run(*arguments)
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "supervisor/private_cluster"), *arguments, "--folder", str(self.folder)]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def metric(page: str, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", page, re.MULTILINE)
    assert found, f"no {name} in the metrics"
    return float(found[1])

"""The program as its users start it: `realtime-app …` in a process of its own, in an otherwise empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import ServerProcess

ROOT = Path(__file__).parent.parent.parent
PROGRAM = (sys.executable, "-W", "error", "-m", "realtime_app")
COMMAND_SECONDS = 30.0


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    output: str
    errors: str


def environment(**settings: str) -> dict[str, str]:
    """Nothing of this machine's settings but where programs are."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nonexistent", **settings}


def run_command(folder: Path, *arguments: str, stdin: str = "", **settings: str) -> Ended:
    """Runs a command to its end."""
    ended = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment(**settings),
        input=stdin,
        text=True,
        capture_output=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


class PlannerProcess:
    """`realtime-app serve` on a free port, or where `arguments` say; SQLite and memory:// unless `settings` differ."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.settings = {"REDIS_URL": "memory://", "DRAIN_SECONDS": "4", "LOG_FORMAT": "json"} | settings
        self._command = [*PROGRAM, "serve", *(arguments or ("--port", "0"))]
        self._folder = folder
        self.process: ServerProcess

    def start(self) -> None:
        """On a migrated database; waits until it serves."""
        log = self._folder / "server.log"
        log.unlink(missing_ok=True)
        settings = environment(**self.settings)
        self.process = ServerProcess(self._command, log, directory=self._folder, environment=settings)
        self.process.wait_until(lambda: self.address != "")

    def close(self) -> None:
        self.process.kill()

    @property
    def address(self) -> str:
        """As the log names it; empty until the process serves."""
        found = re.search(r'"message":"serving","address":"([^"]+)"', self.process.output)
        return found[1] if found else ""

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

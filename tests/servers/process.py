"""One program that a test runs as a server: started, watched until it is ready, ended by its process id."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

READY_SECONDS = 30.0
END_SECONDS = 10.0
POLL_SECONDS = 0.02
# Debian keeps daemons in sbin, and PostgreSQL's programs in a folder of each version.
SERVER_FOLDERS = [
    "/usr/local/sbin",
    "/usr/sbin",
    *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True),
]


def find_program(*names: str) -> str:
    """The path of the first of these programs that is installed.

    Without any of them the test is skipped, and fails where CI is set.
    """
    if found := installed_program(*names):
        return found
    missing = f"{' or '.join(names)} is not installed"
    return pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)


def installed_program(*names: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SERVER_FOLDERS])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


class ServerProcess:
    """A running program. Its output goes to the file `log_path`; `user` is the account it runs under."""

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path,
        *,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.log_path = log_path
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory, env=environment, user=user
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def output(self) -> str:
        return self.log_path.read_text(errors="replace")

    def wait_until(self, is_ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Raises RuntimeError with the program's output when it ends first or isn't ready in time."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self._process.args!r} did not get ready:\n{self.output}")
            time.sleep(POLL_SECONDS)

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float = END_SECONDS) -> int:
        """Wait for its end; gives the exit status."""
        return self._process.wait(seconds)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it in good order; gives the exit status."""
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        return self.wait()

    def kill(self) -> None:
        """End it at once, in whatever state it is; no harm when it has ended already."""
        self._process.kill()
        self._process.wait(END_SECONDS)

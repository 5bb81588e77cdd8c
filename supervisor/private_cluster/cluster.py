"""The cluster from its start to its end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import files
import postgres
from layout import ClusterFailed, Layout
from programs import PROGRAM, run

from realtime_app.supervision.supervisor import Supervisor, SupervisorUnreachable

START_SECONDS = 60.0
STOP_SECONDS = 150.0
LEFTOVER_SECONDS = 10.0
POLL_SECONDS = 0.05
GROUP = "realtime_app"


class Cluster:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.url = f"https://localhost:{layout.choices.https_port}"
        self.supervisor_url = f"unix://{layout.path('/run/realtime-app/supervisor.sock')}"
        self._configuration = str(layout.path("/etc/supervisor/supervisord.conf"))

    @property
    def _nginx_pid_file(self) -> Path:
        """It is there when nginx listens."""
        return self.layout.path("/run/nginx.pid")

    @property
    def supervisorctl(self) -> str:
        return f"supervisorctl -c {self._configuration}"

    @property
    def is_running(self) -> bool:
        try:
            Supervisor(self.supervisor_url).processes(GROUP)
        except SupervisorUnreachable:
            return False
        return True

    def start(self, drain_seconds: float) -> None:
        """Returns when all processes are ready. Raises ClusterFailed; then nothing is left running."""
        files.write_all(self.layout, drain_seconds)
        postgres.make_files(self.layout)
        self.check_nginx()
        self._nginx_pid_file.unlink(missing_ok=True)
        run("supervisord", "-c", self._configuration)
        try:
            self._bring_up()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> list[int]:
        """Gives the ids of processes that had lost their supervisord, and were ended one by one."""
        if self.is_running:
            run(*self.supervisorctl.split(), "shutdown")
            with suppress(ClusterFailed):
                _wait("them to end", STOP_SECONDS, lambda: not self._processes())
        left = self._processes()
        _end(left)
        return left

    def check_nginx(self) -> str:
        """`nginx -t` on the configuration as it was moved. Raises ClusterFailed with what nginx says."""
        return run("nginx", "-t", "-c", str(self.layout.path("/etc/nginx/nginx.conf")))

    def _bring_up(self) -> None:
        _wait("PostgreSQL", START_SECONDS, lambda: _succeeds(lambda: postgres.answers(self.layout)))
        postgres.make_database(self.layout)
        run(*PROGRAM, "migrate", folder=self.layout.settings_folder)
        run(*self.supervisorctl.split(), "start", f"{GROUP}:*")
        _wait("the processes to be ready", START_SECONDS, self._all_are_ready)
        _wait(
            f"nginx to listen; is port {self.layout.choices.https_port} taken?",
            START_SECONDS,
            self._nginx_pid_file.exists,
        )

    def _all_are_ready(self) -> bool:
        processes = Supervisor(self.supervisor_url).processes(GROUP)
        return all(process.address.status_of("/readyz", 5.0) == 200 for process in processes)

    def _processes(self) -> list[int]:
        """All that belong to the cluster, known by the files that they were started with."""
        path = self.layout.path
        commands = (
            f"supervisord -c {self._configuration}",
            f"postgres -D {path('/var/lib/postgresql/data')}",
            f"redis-server {path('/etc/redis/redis.conf')}",
            f"nginx -c {path('/etc/nginx/nginx.conf')}",
            f"serve --unix-socket {path('/run/realtime-app')}/",
        )
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
        return [pid for pid in pids if any(command in _command_of(pid) for command in commands)]


def _wait(what: str, seconds: float, is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise ClusterFailed(f"waited {seconds:g} s in vain for {what}")
        time.sleep(POLL_SECONDS)


def _succeeds(action: Callable[[], None]) -> bool:
    try:
        action()
    except ClusterFailed:
        return False
    return True


def _end(pids: list[int]) -> None:
    """In good order first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in filter(_command_of, pids):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        with suppress(ClusterFailed):
            _wait("them to end", LEFTOVER_SECONDS, lambda: not any(map(_command_of, pids)))


def _command_of(pid: int) -> str:
    """Empty when it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""

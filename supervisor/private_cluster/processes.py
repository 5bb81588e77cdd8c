"""The cluster's processes as the machine shows them, whether or not a supervisord still knows of them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from layout import ClusterFailed, Layout
from waiting import wait

END_SECONDS = 10.0


def of(layout: Layout) -> list[int]:
    """Known by the files that they were started with, and nginx's workers by the logs that they write."""
    path = layout.path
    commands = (
        f"supervisord -c {path('/etc/supervisor/supervisord.conf')}",
        f"postgres -D {path('/var/lib/postgresql/data')}",
        f"redis-server {path('/etc/redis/redis.conf')}",
        f"nginx -c {path('/etc/nginx/nginx.conf')}",
        f"serve --unix-socket {path('/run/realtime-app')}/",
    )

    def belongs(pid: int) -> bool:
        command = command_of(pid)
        # A worker's own title names no file, and it outlives a master that was killed.
        is_worker = command.startswith("nginx: ") and _has_open(pid, path("/var/log/nginx"))
        return is_worker or any(started in command for started in commands)

    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if belongs(pid)]


def end(pids: list[int]) -> None:
    """In good order first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in filter(command_of, pids):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        with suppress(ClusterFailed):
            wait("them to end", END_SECONDS, lambda: not any(map(command_of, pids)))


def command_of(pid: int) -> str:
    """Empty when it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _has_open(pid: int, folder: Path) -> bool:
    """A file in the folder."""
    with suppress(OSError):
        return any(link.readlink().parent == folder for link in Path(f"/proc/{pid}/fd").iterdir())
    return False

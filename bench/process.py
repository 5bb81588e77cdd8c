"""What a process costs: its CPU from the scheduler's own accounts, its memory as the kernel shares it out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, 1
SETTLED_CPU_SECONDS = 0.004
SETTLE_STEP_SECONDS = 0.2


def cpu_seconds(pid: int) -> float:
    """On a core until now, of all threads."""
    schedstats = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(path.read_text().split()[0]) for path in schedstats) / 1e9


def pss_bytes(pid: int) -> int:
    """Memory, of what is shared with other processes the fair part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def settle(pid: int, most_seconds: float = 5.0) -> None:
    """Wait until the process has nothing more to do."""
    deadline, before = time.monotonic() + most_seconds, cpu_seconds(pid)
    while time.monotonic() < deadline:
        time.sleep(SETTLE_STEP_SECONDS)
        now = cpu_seconds(pid)
        if now - before < SETTLED_CPU_SECONDS:
            return
        before = now


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started inside the block stays on this core, where there is more than one."""
    before = os.sched_getaffinity(0)
    if len(before) > 1:
        os.sched_setaffinity(0, {sorted(before)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)

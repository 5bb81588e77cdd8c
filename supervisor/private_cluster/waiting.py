"""Waiting for something, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

from layout import ClusterFailed

POLL_SECONDS = 0.05


def wait(what: str, seconds: float, is_done: Callable[[], bool]) -> None:
    """Raises ClusterFailed when it takes longer."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise ClusterFailed(f"waited {seconds:g} s in vain for {what}")
        time.sleep(POLL_SECONDS)

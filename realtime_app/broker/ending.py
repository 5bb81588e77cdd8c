"""Ends a task that uses redis-py."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_SECONDS = 1.0


async def cancel_until_ended(task: asyncio.Task[Any]) -> None:
    """Before Python 3.12 `asyncio.wait_for`, on which redis-py relies, may lose a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_AGAIN_SECONDS)

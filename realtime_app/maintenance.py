"""The housework of the database: what is past its time goes, in small batches. Any process does it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial

from realtime_app.auth.sessions import purge_expired
from realtime_app.errors import DatabaseUnavailable
from realtime_app.services import task_deletion, time_block_deletion
from realtime_app.services.deletion import RESTORABLE_FOR
from realtime_app.store.engine import Connection, Database
from realtime_app.store.retention import USERS_PER_ROUND, Excess, Pruner, Retention

log = logging.getLogger(__name__)

ROUND_SECONDS = 300.0
"""Length of a round; each waits for a random part of it first, so that processes don't do the same work at once."""


WARN_AFTER_ROUNDS = 3
"""A step that fails with the database away will succeed another time; one that is too much for it never does."""

Purge = Callable[[Connection, datetime], Awaitable[int]]


class Maintenance:
    """One round prunes event logs, and purges ended sessions and what was deleted too long ago to be restored.

    Each step is by itself: what fails holds up nothing else.
    """

    def __init__(self, database: Database, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._pruner = Pruner(database, retention)
        self._clock = clock
        self._steps: Mapping[str, Callable[[datetime], Awaitable[None]]] = {
            **{f"prune event logs by {excess}": partial(self._prune, excess) for excess in Excess},
            "purge deleted tasks": partial(self._purge_deleted, task_deletion.purge_deleted),
            "purge deleted time blocks": partial(self._purge_deleted, time_block_deletion.purge_deleted),
            "purge ended sessions": partial(self._purge, purge_expired),
        }
        self._failures: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run_once(self) -> None:
        now = self._clock()
        for name, step in self._steps.items():
            try:
                await step(now)
            except DatabaseUnavailable:
                self._count_failure(name)
            except Exception:
                log.exception("maintenance failed to %s; the next round tries again", name)
            else:
                del self._failures[name]

    def _count_failure(self, name: str) -> None:
        self._failures[name] += 1
        level = logging.WARNING if self._failures[name] == WARN_AFTER_ROUNDS else logging.INFO
        log.log(level, "the database was away or too busy to %s, %d rounds in a row", name, self._failures[name])

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS * random.uniform(0.5, 1.5))
            await self.run_once()

    async def _prune(self, excess: Excess, now: datetime) -> None:
        while await self._pruner.prune(excess, now) == USERS_PER_ROUND:
            pass

    async def _purge_deleted(self, purge: Purge, now: datetime) -> None:
        await self._purge(purge, now - RESTORABLE_FOR)

    async def _purge(self, purge: Purge, before: datetime) -> None:
        """One transaction a batch, until a batch finds nothing."""
        while True:
            async with self._database.writing() as connection:
                if not await purge(connection, before):
                    return

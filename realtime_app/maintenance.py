"""The housework of the database: what is past its time goes, in small batches. Any process does it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime

from realtime_app.auth.sessions import purge_expired
from realtime_app.errors import DatabaseUnavailable
from realtime_app.services import task_deletion, time_block_deletion
from realtime_app.services.task_deletion import RESTORABLE_FOR
from realtime_app.store.engine import Connection, Database
from realtime_app.store.retention import USERS_PER_ROUND, Pruner, Retention

log = logging.getLogger(__name__)

ROUND_SECONDS = 300.0
"""Length of a round; each waits for a random part of it first, so that processes don't do the same work at once."""


class Maintenance:
    """One round prunes event logs, and purges ended sessions and what was deleted too long ago to be restored."""

    def __init__(self, database: Database, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._pruner = Pruner(database, retention)
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run_once(self) -> None:
        """Raises DatabaseUnavailable."""
        now = self._clock()
        while await self._pruner.prune(now) == USERS_PER_ROUND:
            pass
        await self._repeat(lambda connection: task_deletion.purge_deleted(connection, now - RESTORABLE_FOR))
        await self._repeat(lambda connection: time_block_deletion.purge_deleted(connection, now - RESTORABLE_FOR))
        await self._repeat(lambda connection: purge_expired(connection, now))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS * random.uniform(0.5, 1.5))
            try:
                await self.run_once()
            except DatabaseUnavailable:
                log.info("maintenance waits for the database")
            except Exception:
                log.exception("maintenance failed; the next round tries again")

    async def _repeat(self, purge: Callable[[Connection], Awaitable[int]]) -> None:
        """One transaction a batch, until a batch finds nothing."""
        while True:
            async with self._database.writing() as connection:
                if not await purge(connection):
                    return

"""Whether this process should get traffic, and the state of each of its parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from realtime_app.errors import DatabaseUnavailable
from realtime_app.store.engine import Database
from realtime_app.store.schema import current_revision, lacks_migrations

CHECK_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`parts` maps a part's name to its state in one word."""

    is_ready: bool
    parts: dict[str, str]


class Health:
    """`link_state` gives the link to the other processes in one word; it never makes this one unready.

    A schema that was seen to be current isn't looked at again: only a start with the database away is checked later.
    """

    def __init__(self, database: Database, link_state: Callable[[], str]) -> None:
        self._database = database
        self._link_state = link_state
        self._is_schema_current = False
        self.is_draining = False

    async def readiness(self) -> Readiness:
        database = await self._database_state()
        process = "draining" if self.is_draining else "serving"
        is_ready = database == "up" and not self.is_draining
        return Readiness(is_ready, {"process": process, "database": database, "redis": self._link_state()})

    async def _database_state(self) -> str:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                return "up" if await self.is_schema_current() else "schema out of date"
        except (DatabaseUnavailable, TimeoutError):
            return "down"

    async def is_schema_current(self) -> bool:
        """Raises DatabaseUnavailable."""
        if self._is_schema_current:
            await self._database.check()
        else:
            self._is_schema_current = not lacks_migrations(await current_revision(self._database))
        return self._is_schema_current

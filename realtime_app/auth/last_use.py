"""Writes when sessions and keys were last used: seldom, many in one statement, never on a request's way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Table, or_, select, update

from realtime_app.errors import DatabaseUnavailable
from realtime_app.store.engine import Database
from realtime_app.store.id_list import id_list

log = logging.getLogger(__name__)

_MOST = 500


class Used(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def last_used_at(self) -> datetime | None: ...


class LastUse:
    """One for each table. A row is written at most once per `interval`, by whichever process comes first."""

    def __init__(self, database: Database, table: Table, interval: timedelta, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._table = table
        self._interval = interval
        self._clock = clock
        self._due: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def note(self, used: Iterable[Used]) -> None:
        """These were used now; needs a running loop."""
        stale_at = self._clock() - self._interval
        self._due.update(one.id for one in used if one.last_used_at is None or one.last_used_at <= stale_at)
        if self._due and self._task is None:
            self._task = asyncio.create_task(self._write_all())

    async def close(self) -> None:
        """Waits until what was noted is written, or has failed to be."""
        if self._task is not None:
            await self._task

    async def _write_all(self) -> None:
        try:
            while self._due:
                ids = [self._due.pop() for _ in range(min(_MOST, len(self._due)))]
                await self._write(ids)
        except DatabaseUnavailable:
            self._due.clear()  # the outage has its own log line, and the next use comes
        except Exception:
            log.exception("last use of %s not written", self._table.name)
            self._due.clear()
        finally:
            self._task = None

    async def _write(self, ids: list[str]) -> None:
        row, now = self._table.c, self._clock()
        is_stale = or_(row.last_used_at.is_(None), row.last_used_at <= now - self._interval)
        async with self._database.writing() as connection:
            is_used = row.id.in_(select(id_list(connection, ids).c.id))
            # Rows that somebody else holds are left out: waiting could deadlock with those who end sessions.
            free = select(row.id).where(is_used, is_stale).with_for_update(skip_locked=True)
            await connection.execute(update(self._table).where(row.id.in_(free)).values(last_used_at=now))

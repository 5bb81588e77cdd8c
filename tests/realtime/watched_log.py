"""The real event log, whose reads a test can count and hold up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from realtime_app.store.engine import Database
from realtime_app.store.event_log import EventLog, Head, Page
from tests.realtime.peers import until


class WatchedLog(EventLog):
    """Between `hold` and `let_go` every answer is kept back after it was read: it tells what was true before."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.page_reads: list[tuple[str, int]] = []
        """Each call's user and position."""
        self.head_reads: list[str] = []
        self.heads_reads: list[int] = []
        """How many users each query was about."""
        self.page_queries: list[int] = []
        """How many pages each query read."""
        self.seconds_per_heads = 0.0
        """What each query for heads takes besides."""
        self.reading = 0
        self.most_reading = 0
        self.querying = 0
        self.most_querying = 0
        self.held = 0
        self._may_go = asyncio.Event()
        self._may_go.set()

    def hold(self) -> None:
        self._may_go.clear()

    def let_go(self) -> None:
        self._may_go.set()

    async def until_held(self, count: int = 1) -> None:
        """Wait until so many answers are there and kept back."""
        await until(lambda: self.held >= count, f"{self.held} answers are held")

    async def read(self, user_id: str, after: int, *, is_patient: bool = False) -> Page | None:
        self.page_reads.append((user_id, after))
        self.reading += 1
        self.most_reading = max(self.most_reading, self.reading)
        try:
            page = await super().read(user_id, after, is_patient=is_patient)
            await self._pass()
            return page
        finally:
            self.reading -= 1

    async def _read_pages(self, positions: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], Page]:
        self.page_queries.append(len(positions))
        self.querying += 1
        self.most_querying = max(self.most_querying, self.querying)
        try:
            return await super()._read_pages(positions)
        finally:
            self.querying -= 1

    async def head(self, user_id: str) -> Head | None:
        self.head_reads.append(user_id)
        head = await super().head(user_id)
        await self._pass()
        return head

    async def heads(self, user_ids: Sequence[str]) -> Mapping[str, Head]:
        self.heads_reads.append(len(user_ids))
        await asyncio.sleep(self.seconds_per_heads)
        return await super().heads(user_ids)

    async def _pass(self) -> None:
        self.held += 1
        try:
            await self._may_go.wait()
        finally:
            self.held -= 1

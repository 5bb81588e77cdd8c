"""Reading the event log: heads, and what came after a position. Writing it is the unit of work's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, TextualSelect, text

from realtime_app.core.events import Event
from realtime_app.store.batch import Batch
from realtime_app.store.engine import Database
from realtime_app.store.models import Id

PAGE = 500
"""Events of one user in one read, and users in one query."""

PAGE_BYTES = 256 * 1024
"""An event that begins below it is still of the page: so no page after which something follows is empty."""

PAGES_AT_ONCE = 32
"""Pages of one query, and one query at a time: so much of the log is in memory at once, however many come back."""

_PATIENCE_SECONDS = 0.05
"""5,000 clients that come back at once take half of the queries then."""


@dataclass(frozen=True, slots=True)
class Head:
    """The state of one user's log: the last id given, the last id pruned, the incarnation."""

    last_id: int
    pruned_to: int
    epoch: str

    def covers(self, since: int, epoch: str) -> bool:
        """Whether every event after `since` is still there to be read."""
        return epoch == self.epoch and self.pruned_to <= since <= self.last_id


@dataclass(frozen=True, slots=True)
class Page:
    """Up to PAGE events after a position, of about PAGE_BYTES, and the head that was true at the moment of the read.

    More may follow any page but an empty one.
    """

    head: Head
    events: list[Event]


# Ids are dense, so "at most PAGE events of each user" is a range of ids and many users' pages are one plain join. What
# lies beyond PAGE_BYTES is measured, but never read: PostgreSQL knows the size of a large body without fetching it.
_PAGES = """
    SELECT user_id, after, last_id, pruned_to, epoch, id, type, body
    FROM (
        SELECT p.user_id, p.after, h.last_id, h.pruned_to, h.epoch, e.id, e.type, e.body,
            sum({body_bytes}) OVER (
                PARTITION BY p.user_id, p.after ORDER BY e.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS bytes_before
        FROM {positions}
        JOIN event_heads h ON h.user_id = p.user_id
        LEFT JOIN events e ON e.user_id = p.user_id AND e.id > p.after AND e.id <= p.after + :page
    ) AS measured
    WHERE coalesce(bytes_before, 0) < :page_bytes
    ORDER BY user_id, after, id
"""
_HEADS = (
    "SELECT h.user_id, h.last_id, h.pruned_to, h.epoch FROM {positions} JOIN event_heads h ON h.user_id = p.user_id"
)
_POSTGRESQL_BODY_BYTES = "octet_length(e.body)"
_SQLITE_BODY_BYTES = "length(CAST(e.body AS BLOB))"  # octet_length() came with SQLite 3.43
_POSTGRESQL_POSITIONS = "unnest(CAST(:users AS uuid[]), CAST(:afters AS bigint[])) AS p(user_id, after)"
_SQLITE_POSITIONS = """(
    SELECT u.value AS user_id, a.value AS after
    FROM json_each(:users) u JOIN json_each(:afters) a ON a.key = u.key
) AS p"""


class EventLog:
    """All reads go through the small lookup pool and are shared by those who ask at the same time.

    Raises DatabaseUnavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        positions = _SQLITE_POSITIONS if database.is_sqlite else _POSTGRESQL_POSITIONS
        body_bytes = _SQLITE_BODY_BYTES if database.is_sqlite else _POSTGRESQL_BODY_BYTES
        pages = _PAGES.format(positions=positions, body_bytes=body_bytes)
        self._pages_sql = text(pages).columns(user_id=Id, epoch=Id)
        self._heads_sql = text(_HEADS.format(positions=positions)).columns(user_id=Id, epoch=Id)
        self._heads: Batch[str, Head] = Batch(self.heads, most=PAGE)
        self._pages: Batch[tuple[str, int], Page] = Batch(self._read_pages, most=PAGES_AT_ONCE)
        self._patient_pages: Batch[tuple[str, int], Page] = Batch(
            self._read_pages, most=PAGES_AT_ONCE, pause_seconds=_PATIENCE_SECONDS
        )

    async def close(self) -> None:
        """Waits for the reads under way."""
        await self._heads.close()
        await self._pages.close()
        await self._patient_pages.close()

    async def head(self, user_id: str) -> Head | None:
        """The user's head, read after this call began; None when the user is gone."""
        return await self._heads.get(user_id)

    async def read(self, user_id: str, after: int, *, is_patient: bool = False) -> Page | None:
        """The events that follow the position `after`; None when the user is gone.

        The patient wait a moment for others of their kind when some have just been served.
        """
        pages = self._patient_pages if is_patient else self._pages
        return await pages.get((user_id, after))

    async def heads(self, user_ids: Sequence[str]) -> Mapping[str, Head]:
        """The heads of up to PAGE users in one query; users that are gone are left out."""
        rows = await self._query(self._heads_sql, {"users": user_ids, "afters": [0] * len(user_ids)})
        return {row.user_id: Head(row.last_id, row.pruned_to, row.epoch) for row in rows}

    async def _read_pages(self, positions: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], Page]:
        users, afters = zip(*positions, strict=True)
        lists = {"users": users, "afters": afters}
        rows = await self._query(self._pages_sql, lists, page=PAGE, page_bytes=PAGE_BYTES)
        pages: dict[tuple[str, int], Page] = {}
        for row in rows:
            head = Head(row.last_id, row.pruned_to, row.epoch)
            page = pages.setdefault((row.user_id, row.after), Page(head, []))
            if row.id is not None:
                page.events.append(Event(row.user_id, row.id, row.epoch, row.type, row.body.encode()))
        return pages

    async def _query(self, sql: TextualSelect, lists: Mapping[str, Sequence[Any]], **values: Any) -> Sequence[Row[Any]]:
        parameters = {name: self._list(items) for name, items in lists.items()} | values
        async with self._database.lookup() as connection:
            return (await connection.execute(sql, parameters)).all()

    def _list(self, items: Sequence[Any]) -> Any:
        return orjson.dumps(items).decode() if self._database.is_sqlite else list(items)

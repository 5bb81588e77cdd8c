"""A short memory of credentials that held a moment ago, so that a busy caller costs no query per request."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from realtime_app.store.batch import Batch

MAX_AGE_SECONDS = 5.0
"""For how long an ended credential may still pass where the word of its end got lost."""

MAX_RECORDS = 10_000

_LONGEST_READ_SECONDS = 60.0
"""Well beyond all timeouts of the database: no older read can still be under way."""


class Credential(Protocol):
    @property
    def user_id(self) -> str: ...

    def holds(self, now: datetime) -> bool: ...


Record = TypeVar("Record", bound=Credential)


class CredentialCache(Generic[Record]):
    """Records by what the caller presents (a session's id, a key's hash). Only those that hold are kept."""

    def __init__(
        self,
        load: Callable[[Sequence[str]], Awaitable[Mapping[str, Record]]],
        *,
        max_records: int = MAX_RECORDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._batch = Batch(load)
        self._max_records = max_records
        self._monotonic = monotonic
        self._records: dict[str, tuple[float, Record]] = {}  # oldest first
        self._forgotten: dict[str, float] = {}  # when, by user; oldest first

    def __len__(self) -> int:
        return len(self._records)

    async def find(self, key: str, now: datetime) -> Record | None:
        """The record, which may be one that no longer holds, but then it was read just now; None when unknown."""
        read_at, record = self._records.get(key, (0.0, None))
        if record is not None and self._is_fresh(read_at, record) and record.holds(now):
            return record
        return await self._read(key, now)

    def forget_user(self, user_id: str) -> None:
        """What this user has is read anew; also what is being read just now, since it may be too old already."""
        now = self._monotonic()
        self._forgotten.pop(user_id, None)
        self._forgotten[user_id] = now
        while self._forgotten[oldest := next(iter(self._forgotten))] < now - _LONGEST_READ_SECONDS:
            del self._forgotten[oldest]

    async def _read(self, key: str, now: datetime) -> Record | None:
        began_at = self._monotonic()
        record = await self._batch.get(key)
        if record is not None and self._was_forgotten_since(began_at, record):
            return await self._batch.get(key)
        if record is not None and record.holds(now):
            self._keep(key, began_at, record)
        return record

    def _is_fresh(self, read_at: float, record: Record) -> bool:
        is_young = self._monotonic() < read_at + MAX_AGE_SECONDS
        return is_young and not self._was_forgotten_since(read_at, record)

    def _was_forgotten_since(self, read_at: float, record: Record) -> bool:
        forgotten_at = self._forgotten.get(record.user_id)
        return forgotten_at is not None and forgotten_at >= read_at

    def _keep(self, key: str, read_at: float, record: Record) -> None:
        self._records.pop(key, None)
        self._records[key] = (read_at, record)
        while len(self._records) > self._max_records:
            del self._records[next(iter(self._records))]

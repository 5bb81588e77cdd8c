"""A short memory of credentials that held a moment ago, so that a busy caller costs no query per request."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from realtime_app.store.batch import Batch

MAX_AGE_SECONDS = 5.0
"""For how long an ended credential may still pass where the word of its end got lost."""

MAX_RECORDS = 10_000


class Credential(Protocol):
    @property
    def id(self) -> str: ...

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
        self._forgettings = 0

    def __len__(self) -> int:
        return len(self._records)

    async def find(self, key: str, now: datetime) -> Record | None:
        """The record, which may be one that no longer holds, but then it was read just now; None when unknown."""
        read_at, record = self._records.get(key, (0.0, None))
        if record is not None and self._monotonic() < read_at + MAX_AGE_SECONDS and record.holds(now):
            return record
        return await self._read(key, now)

    def forget(self, credential_ids: Collection[str]) -> None:
        """The next `find` of these reads the database; also one whose read is under way, since it may be too old."""
        self._drop([key for key, (_, record) in self._records.items() if record.id in credential_ids])

    def forget_user(self, user_id: str) -> None:
        self._drop([key for key, (_, record) in self._records.items() if record.user_id == user_id])

    async def _read(self, key: str, now: datetime) -> Record | None:
        began_at, forgettings = self._monotonic(), self._forgettings
        record = await self._batch.get(key)
        if forgettings != self._forgettings:
            # Something ended while this was read, perhaps this: the answer of a second read is current enough.
            return await self._batch.get(key)
        if record is not None and record.holds(now):
            self._keep(key, began_at, record)
        return record

    def _keep(self, key: str, read_at: float, record: Record) -> None:
        self._records.pop(key, None)
        self._records[key] = (read_at, record)
        while len(self._records) > self._max_records:
            del self._records[next(iter(self._records))]

    def _drop(self, keys: Sequence[str]) -> None:
        self._forgettings += 1
        for key in keys:
            del self._records[key]

"""Many callers, one query: what is asked while a query runs is asked together by the next one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Batch(Generic[Key, Value]):
    """Loads values by key. A caller's key is always loaded by a query that began after the call: never a stale answer.

    `pause_seconds` pass between two queries unless the next one is full: so many share it when many come.
    `load` takes up to `most` keys and returns the values that exist; a key without one gives None. An error of
    `load` reaches every caller of that query.
    """

    def __init__(
        self,
        load: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Value]]],
        *,
        most: int = 500,
        pause_seconds: float = 0.0,
    ) -> None:
        self._load = load
        self._most = most
        self._pause_seconds = pause_seconds
        self._is_full = asyncio.Event()
        self._waiting: dict[Key, asyncio.Future[Value | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: Key) -> Value | None:
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            if self._task is None:
                self._task = asyncio.create_task(self._run())
            elif len(self._waiting) >= self._most:
                self._is_full.set()
        return await asyncio.shield(future)

    async def close(self) -> None:
        """Waits for the query under way: its callers may have left, but its connection isn't back yet."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            # One turn of the loop, so that callers of this same turn travel in this query.
            await asyncio.sleep(0)
            while self._waiting:
                await self._load_next()
                await self._pause()
        finally:
            self._task = None

    async def _pause(self) -> None:
        """Ends early when the next query is full."""
        self._is_full.clear()
        if self._pause_seconds and len(self._waiting) < self._most:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_full.wait(), self._pause_seconds)
        else:
            await asyncio.sleep(0)

    async def _load_next(self) -> None:
        taken = {key: self._waiting.pop(key) for key in list(self._waiting)[: self._most]}
        try:
            values = await self._load(list(taken))
        except Exception as error:  # noqa: BLE001 - handed to every caller
            for future in taken.values():
                future.set_exception(error)
                future.exception()  # a caller that was cancelled leaves nobody to look at it
        except BaseException:
            for future in taken.values():
                future.cancel()
            raise
        else:
            for key, future in taken.items():
                future.set_result(values.get(key))

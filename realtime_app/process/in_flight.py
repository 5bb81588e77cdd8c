"""The requests that are being answered: what a graceful stop waits for."""

from __future__ import annotations

import asyncio


class RequestsInFlight:
    """A request is in from its headers to its answer, or to the end of its connection."""

    def __init__(self) -> None:
        self._requests: set[object] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._requests)

    def enter(self, request: object) -> None:
        self._requests.add(request)
        self._empty.clear()

    def leave(self, request: object) -> None:
        """Idempotent."""
        self._requests.discard(request)
        if not self._requests:
            self._empty.set()

    async def wait_until_empty(self) -> None:
        await self._empty.wait()

"""A few of each user at a time in a process, before a connection is taken: a user's burst starves nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from realtime_app.errors import TooManyRequests

QUEUE_LIMIT = 32
"""Writers of one user who may wait. Without the gate others' p50 rose from 3 to 415 ms under one user's burst."""

WAITING_READERS_LIMIT = 500
"""Fifty tabs that load anew ask for some lists each, and over HTTP/2 all at once."""

READERS_AT_ONCE = 4
"""Of one user. A search reads all of the user's tasks, and a process has ten connections unless told otherwise."""


class _Turnstile:
    __slots__ = ("places", "present")

    def __init__(self, at_once: int) -> None:
        self.places = asyncio.Semaphore(at_once)
        self.present = 0


class UserGate:
    def __init__(self, at_once: int, refusal: str, queue_limit: int = QUEUE_LIMIT) -> None:
        """`refusal` is the sentence for whoever finds the queue full."""
        self._at_once = at_once
        self._refusal = refusal
        self._queue_limit = queue_limit
        self._turnstiles: dict[str, _Turnstile] = {}

    @asynccontextmanager
    async def turn(self, user_id: str) -> AsyncIterator[None]:
        """Holds one of the user's places for the length of the block. Raises TooManyRequests when the queue is full."""
        turnstile = self._turnstiles.get(user_id)
        if turnstile is None:
            turnstile = self._turnstiles[user_id] = _Turnstile(self._at_once)
        if turnstile.present >= self._at_once + self._queue_limit:
            raise TooManyRequests(self._refusal, retry_after_seconds=1)
        turnstile.present += 1
        try:
            async with turnstile.places:
                yield
        finally:
            turnstile.present -= 1
            if not turnstile.present:
                del self._turnstiles[user_id]


def writer_gate(queue_limit: int = QUEUE_LIMIT) -> UserGate:
    """One at a time: one user's writes are serial anyway, by the lock of the head."""
    return UserGate(1, "Too many changes at once; send them one after the other", queue_limit)


def reader_gate() -> UserGate:
    refusal = "Too many requests at once; send them one after the other"
    return UserGate(READERS_AT_ONCE, refusal, WAITING_READERS_LIMIT)

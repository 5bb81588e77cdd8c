"""Hashing passwords: slow on purpose, so in threads of its own and never on the loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from realtime_app.errors import Unavailable

THREADS = 2
QUEUE_LIMIT = 64
"""Passwords being hashed or waiting for it, about a second and a half of work; the next one is refused."""

Result = TypeVar("Result")


def standard_hasher() -> PasswordHasher:
    """Argon2id with 19 MiB, two passes, one lane: OWASP's advice for servers, about 40 ms of one processor."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Raises Unavailable when too many passwords wait already. Takes one hash's time to make."""

    def __init__(self, hasher: PasswordHasher | None = None, *, queue_limit: int = QUEUE_LIMIT) -> None:
        self._hasher = hasher or standard_hasher()
        self._places = BoundedSemaphore(queue_limit)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._nobodys_hash = self._hasher.hash(secrets.token_hex())

    async def close(self) -> None:
        """Ends the threads; what still waits is cancelled."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    async def hash(self, password: str) -> str:
        return await self._in_thread(lambda: self._hasher.hash(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """False for None too, after the same time: nobody learns from it whether an account exists."""
        return await self._in_thread(lambda: self._matches(password, password_hash))

    def is_outdated(self, password_hash: str) -> bool:
        """Made with other parameters than today's: hash the password anew while it is known."""
        return self._hasher.check_needs_rehash(password_hash)

    def _matches(self, password: str, password_hash: str | None) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobodys_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many people log in at this moment; try again shortly", retry_after_seconds=2)
        future = self._threads.submit(work)
        # Tied to the work and not to who waits for it: a caller who leaves doesn't make the thread free.
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _: Future[Result]) -> None:
        self._places.release()

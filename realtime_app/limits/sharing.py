"""Tells the other processes, through Redis, what this one has granted, and hears what they have."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from redis.exceptions import RedisClusterException, RedisError

from realtime_app.broker.redis_failure import describe
from realtime_app.limits.buckets import Buckets
from realtime_app.limits.shared_buckets import SharedBuckets

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.25
"""For so long a caller may get from each process what all together should give; it is made up for afterwards."""

RETRY_SECONDS = 1.0
TELL_TIMEOUT_SECONDS = 1.0
ASK_TIMEOUT_SECONDS = 0.25
MOST_ASKING = 32
"""Requests that wait for Redis at once, each with a connection of its own; further ones are judged here alone."""

_TROUBLES = (RedisError, RedisClusterException, OSError)


class Sharing:
    """Nobody waits for Redis but who calls `spend`, and nobody calls in vain while Redis is known to be away."""

    def __init__(self, shared: SharedBuckets, buckets: Mapping[str, Buckets], now_us: Callable[[], int]) -> None:
        """`buckets` by the name of their limit."""
        self.is_up = False
        self._shared = shared
        self._buckets = buckets
        self._now_us = now_us
        self._wakeup = asyncio.Event()
        self._asking = 0
        self._is_trouble_told = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins in the background, whether or not Redis can be reached."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._shared.close()

    def wake(self) -> None:
        """Something was spent here: at once after a quiet time, else with the next round."""
        self._wakeup.set()

    async def spend(self, limit: str, subject: str) -> int | None:
        """The bucket's debt after a token of it, taken if there was one; None when Redis doesn't say so in time."""
        if not self.is_up or self._asking >= MOST_ASKING:
            return None
        quota = self._buckets[limit].quota
        self._asking += 1
        try:
            async with asyncio.timeout(ASK_TIMEOUT_SECONDS):
                return await self._shared.spend(limit, subject, quota.token_us, quota.capacity_us)
        except _TROUBLES as error:
            self._lost(describe(error))
            return None
        finally:
            self._asking -= 1

    async def _run(self) -> None:
        while True:
            if self.is_up:
                await self._wakeup.wait()
            self._wakeup.clear()
            await self._exchange()
            await asyncio.sleep(INTERVAL_SECONDS if self.is_up else RETRY_SECONDS)

    async def _exchange(self) -> None:
        try:
            async with asyncio.timeout(TELL_TIMEOUT_SECONDS):
                for limit, buckets in self._buckets.items():
                    await self._tell(limit, buckets)
        except _TROUBLES as error:
            self._lost(describe(error))
        except Exception:
            log.exception("what callers have used could not be shared")
            self.is_up = False
        else:
            self._found()

    async def _tell(self, limit: str, buckets: Buckets) -> None:
        """What a failed attempt was to tell is not told again: it may have been heard, and nobody shall pay twice."""
        if self.is_up and not buckets.has_untold:
            return
        untold = buckets.take_untold(self._now_us())
        debts = await self._shared.tell(limit, untold, buckets.quota.capacity_us)
        now = self._now_us()
        for subject, debt_us in debts:
            buckets.hear(subject, debt_us, now)

    def _found(self) -> None:
        if not self.is_up and self._is_trouble_told:
            log.info("rate limits are shared by all processes again")
        self.is_up = True
        self._is_trouble_told = False

    def _lost(self, reason: str) -> None:
        """One line for each outage."""
        self.is_up = False
        self._wakeup.set()
        if not self._is_trouble_told:
            self._is_trouble_told = True
            log.warning("rate limits hold for each process by itself, since Redis doesn't share them: %s", reason)

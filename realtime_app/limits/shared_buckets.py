"""The buckets that all processes share, in Redis: one key each, gone when the bucket is full again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol
from zlib import crc32

CHUNK_SUBJECTS = 500
"""Of one call: Redis serves nobody else for about a millisecond."""

MOST_DEBT_FACTOR = 10
"""No bucket owes more than ten times what it holds, whatever many processes granted at once or a clock did."""

# Redis's own clock counts, so that those of the processes need not agree.
_SPEND = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local debts = {}
for i, key in ipairs(KEYS) do
  local full_at = tonumber(redis.call('GET', key) or 0)
  local debt = math.min(math.max(full_at - now, 0), most) + ARGV[i + 2]
  if debt <= limit then
    redis.call('SET', key, string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000))
  end
  debts[i] = debt
end
return debts
"""


class Evaluating(Protocol):
    """The part of redis-py's clients that is used here, of a cluster's one too."""

    def eval(self, script: str, numkeys: int, *keys_and_args: str | int) -> Awaitable[Any]: ...

    async def aclose(self) -> None: ...


class SharedBuckets:
    """All methods raise redis-py's RedisError or OSError, and wait as long as Redis lets them wait."""

    def __init__(self, client: Evaluating, *, prefix: str = "", slots: int = 1) -> None:
        """In a cluster keys are spread over `slots` of its slots, so that a call can name many of them."""
        self._client = client
        self._prefix = prefix
        self._slots = slots

    async def spend(self, limit: str, subject: str, spent_us: int, capacity_us: int) -> int:
        """The bucket's debt with what was spent; it is spent only if that is within the capacity."""
        (debt_us,) = await self._call([self._key(limit, subject)], [spent_us], capacity_us, _most(capacity_us))
        return debt_us

    async def tell(self, limit: str, spent: Sequence[tuple[str, int]], capacity_us: int) -> list[tuple[str, int]]:
        """Spends it in any case and returns each bucket's debt. With no subject it tries whether Redis answers."""
        debts: list[tuple[str, int]] = []
        most_us = _most(capacity_us)
        for chunk in self._chunks(spent) or [[]]:
            keys = [self._key(limit, subject) for subject, _ in chunk]
            answers = await self._call(keys, [spent_us for _, spent_us in chunk], most_us, most_us)
            debts += [(subject, debt_us) for (subject, _), debt_us in zip(chunk, answers, strict=True)]
        return debts

    async def close(self) -> None:
        await self._client.aclose()

    async def _call(self, keys: Sequence[str], spent: Sequence[int], limit_us: int, most_us: int) -> list[int]:
        debts: list[int] = await self._client.eval(_SPEND, len(keys), *keys, limit_us, most_us, *spent)
        return debts

    def _chunks(self, spent: Sequence[tuple[str, int]]) -> list[list[tuple[str, int]]]:
        by_slot = defaultdict(list)
        for subject, spent_us in spent:
            by_slot[self._slot(subject)].append((subject, spent_us))
        return [
            group[start : start + CHUNK_SUBJECTS]
            for group in by_slot.values()
            for start in range(0, len(group), CHUNK_SUBJECTS)
        ]

    def _slot(self, subject: str) -> int:
        return crc32(subject.encode()) % self._slots

    def _key(self, limit: str, subject: str) -> str:
        return f"{self._prefix}limits:{{{self._slot(subject)}}}:{limit}:{subject}"


def _most(capacity_us: int) -> int:
    return MOST_DEBT_FACTOR * capacity_us

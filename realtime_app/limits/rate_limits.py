"""The limits on how often callers may call, and who is over them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum

from realtime_app.core.token_bucket import Quota, Verdict
from realtime_app.limits.buckets import Buckets
from realtime_app.limits.shared_buckets import SharedBuckets
from realtime_app.limits.sharing import Sharing


class Limit(StrEnum):
    """The names are also those of the metrics and of the keys in Redis."""

    SESSION = "session"
    KEY = "key"
    USER = "user"
    """Of all sessions and keys of a user together: so a hundred keys give no hundred times as much."""
    ADDRESS = "address"
    """Of requests by nobody known: without a credential, or with a bad one."""
    LOGIN_ADDRESS = "login_address"
    """Of whatever has a password hashed."""
    LOGIN_ACCOUNT = "login_account"


def running_us() -> int:
    return time.monotonic_ns() // 1000


class RateLimits:
    """Without `shared` each process counts for itself. `refusals` is for the metrics."""

    def __init__(
        self,
        quotas: Mapping[Limit, Quota],
        shared: SharedBuckets | None = None,
        *,
        now_us: Callable[[], int] = running_us,
    ) -> None:
        self.refusals: Counter[str] = Counter(dict.fromkeys(quotas, 0))
        self._buckets = {limit: Buckets(quota) for limit, quota in quotas.items()}
        by_name = {limit.value: buckets for limit, buckets in self._buckets.items()}
        self._sharing = None if shared is None else Sharing(shared, by_name, now_us)
        self._now_us = now_us

    async def start(self) -> None:
        if self._sharing is not None:
            await self._sharing.start()

    async def close(self) -> None:
        if self._sharing is not None:
            await self._sharing.close()

    @property
    def is_shared(self) -> bool:
        """True while the processes hear of each other's callers, and when there is but one."""
        return self._sharing is None or self._sharing.is_up

    def quota(self, limit: Limit) -> Quota:
        return self._buckets[limit].quota

    def spend(self, limit: Limit, subject: str) -> Verdict:
        """Judged at once by what this process knows, which the others hear of a little later."""
        verdict = self._buckets[limit].spend(subject, self._now_us())
        if self._sharing is not None:
            self._sharing.wake()
        return self._counted(limit, verdict)

    async def spend_exactly(self, limit: Limit, subject: str) -> Verdict:
        """Judged by what all processes know, for what is dear and rare; by this one's knowledge if Redis is slow."""
        buckets = self._buckets[limit]
        if self._sharing is None or buckets.is_empty(subject, self._now_us()):
            return self.spend(limit, subject)
        debt_us = await self._sharing.spend(limit, subject)
        if debt_us is None:
            return self.spend(limit, subject)
        return self._counted(limit, buckets.hear_spent(subject, debt_us, self._now_us()))

    def _counted(self, limit: Limit, verdict: Verdict) -> Verdict:
        if not verdict.is_allowed:
            self.refusals[limit] += 1
        return verdict

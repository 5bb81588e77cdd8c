"""Which limits a request counts for, and the headers that say how much is left. The counting is the limits' own.

Whoever is known counts as such, everybody else by address.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from hashlib import sha256
from typing import Any, TypeVar

from handlers.bounded_body import BoundedBodyHandler
from realtime_app.auth.caller import Caller
from realtime_app.core.addresses import holder_of
from realtime_app.core.token_bucket import Quota, Verdict
from realtime_app.errors import TooManyRequests
from realtime_app.limits.rate_limits import Limit

Method = TypeVar("Method", bound=Callable[..., Any])

_ATTRIBUTE = "cost"


class Cost(Enum):
    NOTHING = auto()
    PASSWORD = auto()


def unlimited(method: Method) -> Method:
    """Not counted, as long as its credential, if it needs one, is good."""
    setattr(method, _ATTRIBUTE, Cost.NOTHING)
    return method


def hashes_password(method: Method) -> Method:
    """Counts for the tight limit of its address too. The method itself calls `limit_account`."""
    setattr(method, _ATTRIBUTE, Cost.PASSWORD)
    return method


def cost_of(method: Callable[..., Any]) -> Cost | None:
    return getattr(method, _ATTRIBUTE, None)


class RateLimitedHandler(BoundedBodyHandler):
    """All `limit_…` raise TooManyRequests. Of several limits the headers tell of the one with the least left."""

    _tightest: tuple[Quota, Verdict] | None = None

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self._tell_verdict()

    async def limit_caller(self, method: Callable[..., Any], caller: Caller) -> None:
        cost = cost_of(method)
        if cost is not Cost.NOTHING:
            self._spend(Limit.SESSION if caller.is_session else Limit.KEY, caller.public_id)
            self._spend(Limit.USER, caller.user_id)
        if cost is Cost.PASSWORD:
            await self._spend_exactly(Limit.LOGIN_ADDRESS, holder_of(self.client_address))

    async def limit_stranger(self, method: Callable[..., Any]) -> None:
        """For methods that look at no credential."""
        cost = cost_of(method)
        if cost is None:
            self.limit_address()
        elif cost is Cost.PASSWORD:
            await self._spend_exactly(Limit.LOGIN_ADDRESS, holder_of(self.client_address))

    def limit_address(self) -> None:
        """For a request whose sender isn't known."""
        self._spend(Limit.ADDRESS, holder_of(self.client_address))

    async def limit_account(self, account: str) -> None:
        """Before a password of this account is hashed. What names it, commonly an email, stays in this process."""
        await self._spend_exactly(Limit.LOGIN_ACCOUNT, sha256(account.encode()).hexdigest())

    def _spend(self, limit: Limit, subject: str) -> None:
        limits = self.dependencies.rate_limits
        if limits is not None:
            self._heed(limits.quota(limit), limits.spend(limit, subject))

    async def _spend_exactly(self, limit: Limit, subject: str) -> None:
        limits = self.dependencies.rate_limits
        if limits is not None:
            self._heed(limits.quota(limit), await limits.spend_exactly(limit, subject))

    def _heed(self, quota: Quota, verdict: Verdict) -> None:
        if self._tightest is None or verdict.remaining <= self._tightest[1].remaining:
            self._tightest = (quota, verdict)
            self._tell_verdict()
        if not verdict.is_allowed:
            seconds = verdict.wait_seconds
            unit = "second" if seconds == 1 else "seconds"
            raise TooManyRequests(f"Too many requests; try again in {seconds} {unit}", retry_after_seconds=seconds)

    def _tell_verdict(self) -> None:
        if self._tightest is not None:
            quota, verdict = self._tightest
            self.set_header("RateLimit-Limit", str(quota.burst))
            self.set_header("RateLimit-Remaining", str(verdict.remaining))
            self.set_header("RateLimit-Reset", str(verdict.wait_seconds))
            self.set_header("RateLimit-Policy", _policy(quota))


def _policy(quota: Quota) -> str:
    """Both ways to say the same rate: with the window in which the whole burst comes again, and by the minute."""
    burst = f"{quota.burst};w={quota.window_seconds}"
    by_minute = f"{quota.per_minute};w=60"
    return burst if burst == by_minute else f"{burst}, {by_minute}"

"""A token bucket kept as one number: the instant at which it is full again. All times are whole microseconds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

SECOND_US = 1_000_000
_MINUTE_US = 60 * SECOND_US


@dataclass(frozen=True, slots=True)
class Quota:
    """A bucket holds `burst` tokens and gets `per_minute` new ones a minute; a request takes one."""

    per_minute: int
    burst: int
    token_us: int = field(init=False)
    """In this time one token comes."""
    capacity_us: int = field(init=False)
    """In this time an empty bucket gets full."""

    def __post_init__(self) -> None:
        token_us = round(_MINUTE_US / self.per_minute)
        object.__setattr__(self, "token_us", token_us)
        object.__setattr__(self, "capacity_us", self.burst * token_us)

    @property
    def window_seconds(self) -> int:
        """The shortest whole seconds in which `burst` tokens come."""
        return math.ceil(self.capacity_us / SECOND_US)


class Verdict(NamedTuple):
    """How a request fared. `wait_us` is the time until the bucket is full, of a refused one until it may pass."""

    is_allowed: bool
    remaining: int
    wait_us: int

    @property
    def wait_seconds(self) -> int:
        """Rounded up: who waits this long doesn't come too early."""
        return -(-self.wait_us // SECOND_US)


def spend(quota: Quota, full_at: int, now: int) -> tuple[int, Verdict]:
    """Takes a token if there is one; returns when the bucket will be full. A refused request takes none."""
    debt_us = max(full_at - now, 0) + quota.token_us
    if debt_us > quota.capacity_us:
        return full_at, refused(quota, debt_us - quota.token_us)
    return now + debt_us, allowed(quota, debt_us)


def allowed(quota: Quota, debt_us: int) -> Verdict:
    """`debt_us` is what the bucket lacks, this request's own token included."""
    return Verdict(True, (quota.capacity_us - debt_us) // quota.token_us, debt_us)


def refused(quota: Quota, debt_us: int) -> Verdict:
    """`debt_us` is what the bucket lacks; this request took nothing."""
    return Verdict(False, 0, debt_us + quota.token_us - quota.capacity_us)

"""The limits of one process: which count together, and who is refused."""

from __future__ import annotations

import asyncio

import pytest

from realtime_app.core.token_bucket import Quota
from realtime_app.limits.rate_limits import Limit, RateLimits
from realtime_app.limits.shared_buckets import SharedBuckets
from tests.realtime.peers import until

QUOTAS = {Limit.KEY: Quota(per_minute=6, burst=20), Limit.LOGIN_ACCOUNT: Quota(per_minute=6, burst=5)}


def test_limits_and_subjects_count_apart() -> None:
    limits = RateLimits(QUOTAS)
    assert [limits.spend(Limit.KEY, "a").is_allowed for _ in range(21)] == [True] * 20 + [False]
    assert limits.spend(Limit.KEY, "b").is_allowed
    assert limits.spend(Limit.LOGIN_ACCOUNT, "a").is_allowed


@pytest.mark.gen_test
async def test_without_redis_a_process_counts_for_itself() -> None:
    limits = RateLimits(QUOTAS)
    await limits.start()
    assert limits.is_shared
    verdicts = [await limits.spend_exactly(Limit.LOGIN_ACCOUNT, "ada") for _ in range(6)]
    assert [verdict.remaining for verdict in verdicts] == [4, 3, 2, 1, 0, 0]
    assert limits.refusals == {Limit.KEY: 0, Limit.LOGIN_ACCOUNT: 1}
    await limits.close()


@pytest.mark.gen_test
@pytest.mark.redis
async def test_dear_requests_are_counted_exactly_over_all_processes(shared_buckets: SharedBuckets) -> None:
    processes = [RateLimits(QUOTAS, shared_buckets) for _ in range(2)]
    for process in processes:
        await process.start()
    await until(lambda: all(process.is_shared for process in processes))
    asked = [process.spend_exactly(Limit.LOGIN_ACCOUNT, "ada") for process in processes * 6]
    assert sum(verdict.is_allowed for verdict in await asyncio.gather(*asked)) == 5
    assert sum(process.refusals[Limit.LOGIN_ACCOUNT] for process in processes) == 7
    for process in processes:
        await process.close()

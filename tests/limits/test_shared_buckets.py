"""The buckets in Redis: a real one, whose own clock counts."""

from __future__ import annotations

import pytest

from realtime_app.core.token_bucket import SECOND_US
from realtime_app.limits.factory import shared_buckets_from
from realtime_app.limits.shared_buckets import CHUNK_SUBJECTS, MOST_DEBT_FACTOR, SharedBuckets
from tests.servers.redis_cluster import RedisCluster
from tests.servers.redis_server import RedisServer

TOKEN_US = 60 * SECOND_US
CAPACITY_US = 3 * TOKEN_US
HELD_UP_US = 30 * SECOND_US
"""A bucket gets something back while a test runs: much less than this."""

pytestmark = pytest.mark.redis


def keys(server: RedisServer, prefix: str) -> list[str]:
    return [key.decode() for key in server.execute("KEYS", f"{prefix}*")]


def is_about(debt_us: int, tokens: int) -> bool:
    return 0 <= tokens * TOKEN_US - debt_us < HELD_UP_US


@pytest.mark.gen_test
async def test_one_more_than_the_bucket_holds_is_not_taken(shared_buckets: SharedBuckets) -> None:
    debts = [await shared_buckets.spend("key", "a", TOKEN_US, CAPACITY_US) for _ in range(6)]
    assert [is_about(debt_us, tokens) for debt_us, tokens in zip(debts, (1, 2, 3, 4, 4, 4), strict=True)] == [True] * 6


@pytest.mark.gen_test
async def test_what_was_granted_is_taken_even_from_an_empty_bucket(shared_buckets: SharedBuckets) -> None:
    for tokens in (2, 4, 6):
        ((_, debt_us),) = await shared_buckets.tell("key", [("a", 2 * TOKEN_US)], CAPACITY_US)
        assert is_about(debt_us, tokens)
    assert is_about(await shared_buckets.spend("key", "a", TOKEN_US, CAPACITY_US), 7)


@pytest.mark.gen_test
async def test_no_bucket_owes_more_than_the_most(shared_buckets: SharedBuckets) -> None:
    most_us = MOST_DEBT_FACTOR * CAPACITY_US
    await shared_buckets.tell("key", [("a", most_us)], CAPACITY_US)
    await shared_buckets.tell("key", [("a", most_us)], CAPACITY_US)
    assert await shared_buckets.spend("key", "a", TOKEN_US, CAPACITY_US) <= most_us + TOKEN_US


@pytest.mark.gen_test
async def test_a_clock_of_redis_that_went_back_makes_nobody_wait_for_ever(
    shared_buckets: SharedBuckets, shared_redis_server: RedisServer, prefix: str
) -> None:
    await shared_buckets.spend("key", "a", TOKEN_US, CAPACITY_US)
    (key,) = keys(shared_redis_server, prefix)
    seconds, _ = shared_redis_server.execute("TIME")
    shared_redis_server.execute("SET", key, (int(seconds) + 86400) * SECOND_US)
    debt_us = await shared_buckets.spend("key", "a", TOKEN_US, CAPACITY_US)
    assert debt_us == MOST_DEBT_FACTOR * CAPACITY_US + TOKEN_US


@pytest.mark.gen_test
async def test_a_bucket_is_gone_from_redis_when_it_is_full_again(
    shared_buckets: SharedBuckets, shared_redis_server: RedisServer, prefix: str
) -> None:
    await shared_buckets.spend("key", "a", 2 * TOKEN_US, CAPACITY_US)
    (key,) = keys(shared_redis_server, prefix)
    assert key == f"{prefix}limits:{{0}}:key:a"
    assert 90_000 < shared_redis_server.execute("PTTL", key) <= 120_000


@pytest.mark.gen_test
async def test_many_subjects_are_told_at_once(shared_buckets: SharedBuckets) -> None:
    spent = [(f"subject {number}", number * TOKEN_US) for number in range(1, CHUNK_SUBJECTS + 10)]
    debts = await shared_buckets.tell("key", spent, 1000 * TOKEN_US)
    assert [subject for subject, _ in debts] == [subject for subject, _ in spent]
    assert all(is_about(debt_us, number) for number, (_, debt_us) in enumerate(debts, 1))


@pytest.mark.gen_test
async def test_limits_and_subjects_count_apart(shared_buckets: SharedBuckets) -> None:
    await shared_buckets.tell("key", [("a", 2 * TOKEN_US)], CAPACITY_US)
    assert is_about(await shared_buckets.spend("key", "b", TOKEN_US, CAPACITY_US), 1)
    assert is_about(await shared_buckets.spend("session", "a", TOKEN_US, CAPACITY_US), 1)


@pytest.mark.gen_test
async def test_in_a_cluster_they_are_spread_over_its_nodes(shared_redis_cluster: RedisCluster, prefix: str) -> None:
    shared = shared_buckets_from(shared_redis_cluster.url, prefix)
    spent = [(f"subject {number}", TOKEN_US) for number in range(100)]
    assert sorted(subject for subject, _ in await shared.tell("key", spent, CAPACITY_US)) == sorted(dict(spent))
    assert is_about(await shared.spend("key", "subject 7", TOKEN_US, CAPACITY_US), 2)
    assert await shared.tell("key", [], CAPACITY_US) == []
    assert all(keys(master, prefix) for master in shared_redis_cluster.masters)
    await shared.close()

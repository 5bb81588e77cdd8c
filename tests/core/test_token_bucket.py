"""Token buckets: how many requests pass, and that what is told of them is true."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.token_bucket import SECOND_US, Quota, Verdict, allowed, refused, spend

SESSION = Quota(per_minute=1200, burst=300)

quotas = st.builds(Quota, st.integers(1, 100_000), st.integers(1, 50))
pauses_us = st.lists(st.one_of(st.just(0), st.integers(0, 200_000), st.integers(0, 60 * SECOND_US)), max_size=200)


def spend_after(quota: Quota, pauses: list[int]) -> list[tuple[int, int, Verdict]]:
    """Of a request after each pause: when it came, when the bucket is full then, and how it fared."""
    full_at, now, log = 0, 10**12, []
    for pause in pauses:
        now += pause
        full_at, verdict = spend(quota, full_at, now)
        log.append((now, full_at, verdict))
    return log


def allowed_at_once(quota: Quota, full_at: int, now: int) -> int:
    """How many requests pass at this instant."""
    count = 0
    while True:
        full_at, verdict = spend(quota, full_at, now)
        if not verdict.is_allowed:
            return count
        count += 1


def test_a_full_bucket_grants_its_burst_at_once_and_no_more() -> None:
    assert allowed_at_once(SESSION, 0, 10**12) == 300


def test_it_grants_the_rate_in_the_long_run() -> None:
    log = spend_after(SESSION, [0] * 300 + [25_000] * 2400)  # two requests for each token, for a minute
    assert sum(verdict.is_allowed for _, _, verdict in log) == 300 + 1200


@pytest.mark.parametrize(
    ("quota", "token_us", "window_seconds"),
    [(SESSION, 50_000, 15), (Quota(600, 100), 100_000, 10), (Quota(10, 10), 6_000_000, 60), (Quota(7, 1), 8571429, 9)],
)
def test_a_quota_knows_its_times(quota: Quota, token_us: int, window_seconds: int) -> None:
    assert (quota.token_us, quota.window_seconds) == (token_us, window_seconds)


def test_waits_are_rounded_up_to_whole_seconds() -> None:
    assert [Verdict(True, 0, wait_us).wait_seconds for wait_us in (0, 1, SECOND_US, SECOND_US + 1)] == [0, 1, 1, 2]


def test_a_debt_beyond_the_capacity_is_waited_for() -> None:
    assert refused(Quota(60, 2), 5 * SECOND_US).wait_us == 4 * SECOND_US
    assert allowed(Quota(60, 2), SECOND_US) == Verdict(True, 1, SECOND_US)


@given(quotas, pauses_us)
def test_in_no_stretch_of_time_more_passes_than_the_burst_and_what_came_meanwhile(
    quota: Quota, pauses: list[int]
) -> None:
    passed = [now for now, _, verdict in spend_after(quota, pauses) if verdict.is_allowed]
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= quota.burst + (passed[last] - passed[first]) // quota.token_us


@given(quotas, pauses_us)
def test_the_remaining_ones_pass_and_not_one_more(quota: Quota, pauses: list[int]) -> None:
    for now, full_at, verdict in spend_after(quota, pauses)[-1:]:
        assert allowed_at_once(quota, full_at, now) == verdict.remaining


@given(quotas, pauses_us)
def test_who_was_refused_passes_after_the_wait_and_not_before(quota: Quota, pauses: list[int]) -> None:
    for now, full_at, verdict in spend_after(quota, pauses):
        if not verdict.is_allowed:
            assert not spend(quota, full_at, now + verdict.wait_us - 1)[1].is_allowed
            assert spend(quota, full_at, now + verdict.wait_us)[1].is_allowed


@given(quotas, pauses_us)
def test_a_refused_request_takes_nothing(quota: Quota, pauses: list[int]) -> None:
    for (_, before, _), (_, after, verdict) in pairwise(spend_after(quota, pauses)):
        assert verdict.is_allowed or after == before

"""The buckets of one process: what is told to the others, what is heard from them, and that memory is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.token_bucket import SECOND_US, Quota
from realtime_app.limits.buckets import Buckets

QUOTA = Quota(per_minute=60, burst=10)
TOKEN_US = SECOND_US
NOW = 10**12


def spend_many(buckets: Buckets, subject: str, count: int, now: int = NOW) -> int:
    """How many of them passed."""
    return sum(buckets.spend(subject, now).is_allowed for _ in range(count))


def test_each_subject_has_a_bucket_of_its_own() -> None:
    buckets = Buckets(QUOTA)
    assert spend_many(buckets, "a", 11) == 10
    assert spend_many(buckets, "b", 1) == 1
    assert (buckets.is_empty("a", NOW), buckets.is_empty("b", NOW), buckets.is_empty("c", NOW)) == (True, False, False)


def test_what_passed_is_told_once() -> None:
    buckets = Buckets(QUOTA)
    spend_many(buckets, "a", 11)
    spend_many(buckets, "b", 2)
    assert buckets.take_untold(NOW) == [("a", 10 * TOKEN_US), ("b", 2 * TOKEN_US)]
    assert buckets.take_untold(NOW) == []


def test_what_the_bucket_got_back_meanwhile_is_not_told() -> None:
    buckets = Buckets(QUOTA)
    spend_many(buckets, "a", 10)
    spend_many(buckets, "b", 2)
    assert buckets.take_untold(NOW + 4 * TOKEN_US) == [("a", 6 * TOKEN_US)]


def test_what_the_others_spent_is_missing_here() -> None:
    buckets = Buckets(QUOTA)
    spend_many(buckets, "a", 3)
    buckets.take_untold(NOW)
    buckets.hear("a", 8 * TOKEN_US, NOW)
    assert spend_many(buckets, "a", 10) == 2


def test_what_was_spent_while_redis_answered_counts_too() -> None:
    buckets = Buckets(QUOTA)
    spend_many(buckets, "a", 3)
    buckets.take_untold(NOW)
    spend_many(buckets, "a", 2)
    buckets.hear("a", 5 * TOKEN_US, NOW)
    assert spend_many(buckets, "a", 10) == 3


def test_a_redis_that_forgot_gives_nothing_back() -> None:
    buckets = Buckets(QUOTA)
    spend_many(buckets, "a", 9)
    buckets.take_untold(NOW)
    buckets.hear("a", TOKEN_US, NOW)
    assert spend_many(buckets, "a", 10) == 1


def test_more_than_the_burst_spent_by_all_is_waited_for() -> None:
    buckets = Buckets(QUOTA)
    buckets.hear("a", 15 * TOKEN_US, NOW)
    verdict = buckets.spend("a", NOW)
    assert (verdict.is_allowed, verdict.remaining, verdict.wait_us) == (False, 0, 6 * TOKEN_US)


def test_what_redis_granted_is_not_told_again() -> None:
    buckets = Buckets(QUOTA)
    verdict = buckets.hear_spent("a", 10 * TOKEN_US, NOW)
    assert (verdict.is_allowed, verdict.remaining) == (True, 0)
    assert not buckets.has_untold
    assert buckets.is_empty("a", NOW)


def test_what_redis_refused_is_known_here() -> None:
    buckets = Buckets(QUOTA)
    verdict = buckets.hear_spent("a", 11 * TOKEN_US, NOW)
    assert (verdict.is_allowed, verdict.wait_us) == (False, TOKEN_US)
    assert buckets.is_empty("a", NOW)


def test_buckets_that_are_full_again_are_forgotten() -> None:
    buckets = Buckets(QUOTA)
    for number in range(100):
        buckets.spend(f"subject {number}", NOW)
    for number in range(60):
        buckets.spend("a", NOW + (number + 2) * TOKEN_US)
    assert len(buckets) == 1


def test_beyond_the_most_the_one_used_longest_ago_is_forgotten() -> None:
    buckets = Buckets(QUOTA, max_subjects=3)
    for subject in ("a", "b", "c", "a", "d"):
        spend_many(buckets, subject, 10)
    assert len(buckets) == 3
    assert [subject for subject in "abcd" if buckets.is_empty(subject, NOW)] == ["a", "c", "d"]
    assert [subject for subject, _ in buckets.take_untold(NOW)] == ["a", "c", "d"]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5 * TOKEN_US))))
def test_memory_is_bounded_whatever_comes(spent: list[tuple[int, int]]) -> None:
    buckets, now = Buckets(QUOTA, max_subjects=5), NOW
    for number, pause_us in spent:
        now += pause_us
        buckets.spend(f"subject {number}", now)
        assert len(buckets) <= 5
    assert len(buckets.take_untold(now)) <= 5

"""Addresses that guess credentials have to wait."""

from __future__ import annotations

import pytest

from realtime_app.auth.failed_attempts import LIMIT, WINDOW_SECONDS, FailedAttempts


class RunningTime:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> RunningTime:
    return RunningTime()


def fail(attempts: FailedAttempts, address: str, times: int) -> None:
    for _ in range(times):
        attempts.record(address)


def test_an_address_waits_after_its_twentieth_failure(time: RunningTime) -> None:
    attempts = FailedAttempts(monotonic=time)
    fail(attempts, "192.0.2.1", LIMIT - 1)
    assert attempts.retry_after_seconds("192.0.2.1") is None
    fail(attempts, "192.0.2.1", 1)
    assert attempts.retry_after_seconds("192.0.2.1") == 60
    assert attempts.retry_after_seconds("192.0.2.2") is None


def test_the_wait_ends_a_minute_after_the_first_failure(time: RunningTime) -> None:
    attempts = FailedAttempts(monotonic=time)
    fail(attempts, "192.0.2.1", LIMIT)
    time.seconds += WINDOW_SECONDS - 0.5
    assert attempts.retry_after_seconds("192.0.2.1") == 1
    time.seconds += 0.5
    assert attempts.retry_after_seconds("192.0.2.1") is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2001:db8::1", "2001:db8::ffff:1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_addresses_of_one_holder_count_as_one(time: RunningTime, first: str, second: str) -> None:
    attempts = FailedAttempts(limit=1, monotonic=time)
    attempts.record(first)
    assert attempts.retry_after_seconds(second) is not None


def test_ipv6_networks_count_apart(time: RunningTime) -> None:
    attempts = FailedAttempts(limit=1, monotonic=time)
    attempts.record("2001:db8:0:1::1")
    assert attempts.retry_after_seconds("2001:db8:0:2::1") is None


def test_text_that_is_no_address_counts_for_itself(time: RunningTime) -> None:
    attempts = FailedAttempts(limit=1, monotonic=time)
    attempts.record("unix socket")
    assert attempts.retry_after_seconds("unix socket") is not None
    assert attempts.retry_after_seconds("") is None


def test_memory_is_bounded_and_past_windows_are_dropped(time: RunningTime) -> None:
    attempts = FailedAttempts(max_addresses=3, monotonic=time)
    for host in range(5):
        attempts.record(f"192.0.2.{host}")
    assert len(attempts) == 3
    time.seconds += WINDOW_SECONDS
    attempts.record("192.0.2.9")
    assert len(attempts) == 1

"""Buckets shared by two processes over a real Redis, and what is left of that when it hangs, is gone or refuses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from realtime_app.core.token_bucket import SECOND_US, Quota
from realtime_app.limits.buckets import Buckets
from realtime_app.limits.factory import shared_buckets_from
from realtime_app.limits.rate_limits import running_us
from realtime_app.limits.sharing import ASK_TIMEOUT_SECONDS, MOST_ASKING, Sharing
from tests.realtime.peers import until
from tests.servers.redis_server import RedisServer

TOKEN_SECONDS = 10
QUOTA = Quota(per_minute=6, burst=20)
LIMIT = "key"
PROMPTLY_SECONDS = 0.05
UNSHARED = "rate limits hold for each process by itself"

pytestmark = pytest.mark.redis


class Process:
    """What one process has of the limit."""

    def __init__(self, redis_url: str) -> None:
        self.buckets = Buckets(QUOTA)
        self.sharing = Sharing(shared_buckets_from(redis_url), {LIMIT: self.buckets}, running_us)

    def spend(self, count: int, subject: str = "a") -> int:
        """How many of them passed."""
        passed = sum(self.buckets.spend(subject, running_us()).is_allowed for _ in range(count))
        self.sharing.wake()
        return passed

    def has_run_out(self, subject: str = "a") -> bool:
        return self.buckets.is_empty(subject, running_us())


@pytest.fixture
def processes(io_loop: IOLoop, redis_server: RedisServer) -> Iterator[list[Process]]:
    made = [Process(redis_server.url) for _ in range(2)]
    for process in made:
        io_loop.run_sync(process.sharing.start)
    io_loop.run_sync(lambda: until(lambda: are_shared(made)))
    yield made
    redis_server.resume()
    for process in made:
        io_loop.run_sync(process.sharing.close)


def are_shared(processes: list[Process]) -> bool:
    return all(process.sharing.is_up for process in processes)


@pytest.mark.gen_test
async def test_what_one_process_granted_the_other_does_not_grant_again(processes: list[Process]) -> None:
    first, second = processes
    assert first.spend(19) == 19
    await until(lambda: not first.buckets.has_untold)
    assert second.spend(1) == 1
    await until(second.has_run_out)
    assert second.spend(1) == 0


@pytest.mark.gen_test
async def test_what_both_granted_at_once_is_made_up_for(processes: list[Process]) -> None:
    first, second = processes
    assert (first.spend(20), second.spend(20)) == (20, 20)
    await until(lambda: max(wait_seconds(first), wait_seconds(second)) > 20 * TOKEN_SECONDS)


def wait_seconds(process: Process) -> int:
    return process.buckets.spend("a", running_us()).wait_seconds


@pytest.mark.gen_test
async def test_who_asks_hears_what_all_have_spent(processes: list[Process]) -> None:
    asked = [process.sharing.spend(LIMIT, "a") for process in processes * 6]
    debts = sorted(debt_us for debt_us in await asyncio.gather(*asked) if debt_us is not None)
    assert [round(debt_us / SECOND_US / TOKEN_SECONDS) for debt_us in debts] == list(range(1, 13))


@pytest.mark.gen_test
async def test_no_more_than_the_most_ask_at_once(processes: list[Process]) -> None:
    asked = [processes[0].sharing.spend(LIMIT, f"{number}") for number in range(MOST_ASKING + 3)]
    assert (await asyncio.gather(*asked)).count(None) == 3
    assert processes[0].sharing.is_up


@pytest.mark.gen_test
@pytest.mark.expected_logs(UNSHARED)
@pytest.mark.allowed_logs(UNSHARED)
async def test_a_hung_redis_is_asked_in_vain_once(processes: list[Process], redis_server: RedisServer) -> None:
    sharing = processes[0].sharing
    redis_server.pause()
    began_at = time.monotonic()
    assert await asyncio.gather(*(sharing.spend(LIMIT, "a") for _ in range(5))) == [None] * 5
    assert time.monotonic() - began_at < ASK_TIMEOUT_SECONDS + PROMPTLY_SECONDS
    assert not sharing.is_up
    began_at = time.monotonic()
    assert await sharing.spend(LIMIT, "a") is None
    assert time.monotonic() - began_at < PROMPTLY_SECONDS


@pytest.mark.gen_test
@pytest.mark.expected_logs(UNSHARED, UNSHARED)
async def test_while_redis_is_gone_each_process_counts_by_itself(
    processes: list[Process], redis_server: RedisServer
) -> None:
    first, second = processes
    redis_server.kill()
    assert (first.spend(25), second.spend(25)) == (20, 20)
    await until(lambda: not first.sharing.is_up and not second.sharing.is_up)
    assert (first.spend(25, "b"), second.spend(25, "b")) == (20, 20)
    redis_server.start()
    await until(lambda: are_shared(processes))
    assert first.spend(19, "c") == 19
    await until(lambda: not first.buckets.has_untold)
    assert second.spend(1, "c") == 1
    await until(lambda: second.has_run_out("c"))


@pytest.mark.gen_test
@pytest.mark.expected_logs(f"{UNSHARED}.*NoPermissionError")
async def test_a_redis_that_forbids_it_is_named(redis_server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    redis_server.execute("ACL", "SETUSER", "planner", "on", ">secret", "allchannels", "+@pubsub", "+ping")
    process = Process(redis_server.url.replace("redis://", "redis://planner:secret@"))
    assert process.spend(25) == 20
    await process.sharing.start()
    await until(lambda: UNSHARED in caplog.text)
    await process.sharing.close()
    assert not process.sharing.is_up

"""Credentials are remembered for five seconds, unless they are forgotten or end before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from realtime_app.auth.credential_cache import MAX_AGE_SECONDS, CredentialCache
from tests.planner import START


@dataclass(frozen=True)
class Ticket:
    user_id: str
    expires_at: datetime

    def holds(self, now: datetime) -> bool:
        return now < self.expires_at


class Shelf:
    """What the cache reads from; `asked` records each read. It answers once `open` is set."""

    def __init__(self, *tickets: Ticket) -> None:
        self.tickets = {f"key of {ticket.user_id[0]}": ticket for ticket in tickets}
        self.asked: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.reading = asyncio.Event()

    async def load(self, keys: Sequence[str]) -> dict[str, Ticket]:
        self.asked.append(list(keys))
        found = {key: self.tickets[key] for key in keys if key in self.tickets}
        self.reading.set()
        await self.open.wait()
        return found


class RunningTime:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


A = Ticket("ada", START + timedelta(days=1))
B = Ticket("bob", START + timedelta(days=1))


@pytest.fixture
def time() -> RunningTime:
    return RunningTime()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(A, B)


@pytest.fixture
def cache(shelf: Shelf, time: RunningTime) -> CredentialCache[Ticket]:
    return CredentialCache(shelf.load, monotonic=time)


@pytest.mark.gen_test
async def test_a_record_is_read_once_within_five_seconds(
    cache: CredentialCache[Ticket], shelf: Shelf, time: RunningTime
) -> None:
    assert await cache.find("key of a", START) == A
    time.seconds += MAX_AGE_SECONDS - 0.1
    assert await cache.find("key of a", START) == A
    assert shelf.asked == [["key of a"]]
    time.seconds += 0.1
    del shelf.tickets["key of a"]
    assert await cache.find("key of a", START) is None


@pytest.mark.gen_test
async def test_many_callers_share_one_read(cache: CredentialCache[Ticket], shelf: Shelf) -> None:
    found = await asyncio.gather(*(cache.find(key, START) for key in ["key of a", "key of b", "key of a", "no key"]))
    assert found == [A, B, A, None]
    assert shelf.asked == [["key of a", "key of b", "no key"]]


@pytest.mark.gen_test
async def test_a_record_is_read_again_when_it_no_longer_holds(cache: CredentialCache[Ticket], shelf: Shelf) -> None:
    await cache.find("key of a", START)
    later = A.expires_at + timedelta(days=1)
    renewed = shelf.tickets["key of a"] = replace(A, expires_at=later + timedelta(days=1))
    assert await cache.find("key of a", later) == renewed


@pytest.mark.gen_test
async def test_a_record_that_does_not_hold_is_not_kept(cache: CredentialCache[Ticket], shelf: Shelf) -> None:
    assert await cache.find("key of a", A.expires_at) == A
    assert len(cache) == 0


@pytest.mark.gen_test
async def test_records_of_a_forgotten_user_are_read_again_and_the_others_are_not(
    cache: CredentialCache[Ticket], shelf: Shelf, time: RunningTime
) -> None:
    await asyncio.gather(cache.find("key of a", START), cache.find("key of b", START))
    cache.forget_user("ada")
    time.seconds += 0.1
    for _ in range(2):
        await cache.find("key of b", START)
        await cache.find("key of a", START)
    assert shelf.asked[1:] == [["key of a"]]


@pytest.mark.gen_test
async def test_a_record_is_read_anew_when_its_user_is_forgotten_meanwhile(
    cache: CredentialCache[Ticket], shelf: Shelf
) -> None:
    shelf.open.clear()
    finding = asyncio.create_task(cache.find("key of a", START))
    await shelf.reading.wait()
    del shelf.tickets["key of a"]
    cache.forget_user("ada")
    shelf.open.set()
    assert await finding is None
    assert await cache.find("key of a", START) is None


@pytest.mark.gen_test
async def test_age_counts_from_before_the_read(cache: CredentialCache[Ticket], shelf: Shelf, time: RunningTime) -> None:
    shelf.open.clear()
    finding = asyncio.create_task(cache.find("key of a", START))
    await shelf.reading.wait()
    time.seconds += MAX_AGE_SECONDS
    shelf.open.set()
    await finding
    await cache.find("key of a", START)
    assert shelf.asked == [["key of a"], ["key of a"]]


@pytest.mark.gen_test
async def test_the_oldest_record_gives_way_when_the_cache_is_full(shelf: Shelf, time: RunningTime) -> None:
    cache = CredentialCache(shelf.load, max_records=1, monotonic=time)
    await cache.find("key of a", START)
    await cache.find("key of b", START)
    assert len(cache) == 1
    await cache.find("key of b", START)
    assert shelf.asked == [["key of a"], ["key of b"]]

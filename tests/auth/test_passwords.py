"""Passwords are hashed in their own threads, in bounded number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Event, Semaphore

import pytest
from argon2 import PasswordHasher, extract_parameters
from tornado.ioloop import IOLoop

from realtime_app.auth.passwords import THREADS, Passwords, standard_hasher
from realtime_app.errors import Unavailable
from tests.auth.parts import cheap_hasher


class RecordingHasher(PasswordHasher):
    """Keeps the hashes that were compared."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared: list[str | bytes] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        self.compared.append(hash)
        return super().verify(hash, password)


class GatedHasher(PasswordHasher):
    """Hashes only once `gate` is open; its own first hash goes through."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.gate = Event()
        self.gate.set()
        self._arrived = Semaphore(0)

    async def hold(self, threads: int) -> None:
        """Waits until so many threads stand at the closed gate."""
        for _ in range(threads):
            assert await asyncio.to_thread(self._arrived.acquire, timeout=10)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        if not self.gate.is_set():
            self._arrived.release()
        assert self.gate.wait(timeout=10)
        return super().hash(password, salt=salt)


@pytest.fixture
def gated(io_loop: IOLoop) -> Iterator[GatedHasher]:
    hasher = GatedHasher()
    yield hasher
    hasher.gate.set()


@pytest.fixture
def passwords(io_loop: IOLoop) -> Iterator[Passwords]:
    passwords = Passwords(cheap_hasher())
    yield passwords
    io_loop.run_sync(passwords.close)


@pytest.fixture
def crowded(io_loop: IOLoop, gated: GatedHasher) -> Iterator[Passwords]:
    """Takes as many passwords as it has threads, and is held up by the gate."""
    passwords = Passwords(gated, queue_limit=THREADS)
    gated.gate.clear()
    yield passwords
    gated.gate.set()
    io_loop.run_sync(passwords.close)


@pytest.mark.gen_test
async def test_a_password_matches_its_own_hash_alone(passwords: Passwords) -> None:
    password_hash = await passwords.hash("Correct1horse")
    assert await passwords.verify("Correct1horse", password_hash)
    assert not await passwords.verify("correct1horse", password_hash)


@pytest.mark.gen_test
async def test_nothing_matches_when_the_stored_hash_is_none_of_ours(passwords: Passwords) -> None:
    assert not await passwords.verify("Correct1horse", "-")


@pytest.mark.gen_test
async def test_an_equally_dear_hash_is_compared_when_the_account_is_unknown() -> None:
    hasher = RecordingHasher()
    passwords = Passwords(hasher)
    known = await passwords.hash("Correct1horse")
    assert not await passwords.verify("Correct1horse", None)
    await passwords.close()
    (compared,) = hasher.compared
    assert extract_parameters(str(compared)) == extract_parameters(known)


@pytest.mark.gen_test
async def test_a_hash_is_outdated_when_it_was_made_with_other_parameters(passwords: Passwords) -> None:
    password_hash = await passwords.hash("Correct1horse")
    assert not passwords.is_outdated(password_hash)
    stricter = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert stricter.is_outdated(password_hash)
    await stricter.close()


def test_the_standard_is_argon2id_with_19_mib() -> None:
    parameters = extract_parameters(standard_hasher().hash("Correct1horse"))
    assert (parameters.type.name, parameters.memory_cost, parameters.time_cost) == ("ID", 19456, 2)


@pytest.mark.gen_test
async def test_one_more_is_refused_when_all_places_are_taken(crowded: Passwords, gated: GatedHasher) -> None:
    taken = [asyncio.create_task(crowded.hash("Correct1horse")) for _ in range(THREADS)]
    await gated.hold(THREADS)
    with pytest.raises(Unavailable) as refused:
        await crowded.hash("Correct1horse")
    assert refused.value.retry_after_seconds == 2
    gated.gate.set()
    assert all(await asyncio.gather(*taken))
    assert await crowded.hash("Correct1horse")


@pytest.mark.gen_test
async def test_a_place_stays_taken_when_the_caller_leaves_before_the_work_is_done(
    crowded: Passwords, gated: GatedHasher
) -> None:
    taken = [asyncio.create_task(crowded.hash("Correct1horse")) for _ in range(THREADS)]
    await gated.hold(THREADS)
    for task in taken:
        task.cancel()
    await asyncio.wait(taken)
    with pytest.raises(Unavailable):
        await crowded.hash("Correct1horse")


@pytest.mark.gen_test
async def test_those_who_wait_are_cancelled_when_it_closes(gated: GatedHasher) -> None:
    passwords = Passwords(gated)
    gated.gate.clear()
    tasks = [asyncio.create_task(passwords.hash("Correct1horse")) for _ in range(THREADS + 1)]
    await gated.hold(THREADS)
    closing = asyncio.create_task(passwords.close())
    await asyncio.wait([tasks[-1]])
    gated.gate.set()
    await closing
    assert [task.cancelled() for task in tasks[:-1]] == [False] * THREADS
    assert tasks[-1].cancelled()
    await asyncio.gather(*tasks[:-1])

"""How many of one user get through at once, and what becomes of the others."""

from __future__ import annotations

import asyncio

import pytest

from realtime_app.errors import TooManyRequests
from realtime_app.store.user_gate import UserGate
from tests.realtime.peers import until


class Visitors:
    """Pass a gate and stay inside until `leave` is set."""

    def __init__(self, gate: UserGate) -> None:
        self.inside = 0
        self.leave = asyncio.Event()
        self._gate = gate

    def come(self, user_id: str, count: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._visit(user_id)) for _ in range(count)]

    async def _visit(self, user_id: str) -> None:
        async with self._gate.turn(user_id):
            self.inside += 1
            await self.leave.wait()
            self.inside -= 1


@pytest.mark.gen_test
async def test_a_few_of_a_user_get_in_and_the_next_wait() -> None:
    visitors = Visitors(UserGate(2, "Full", queue_limit=3))
    coming = visitors.come("ada", 5)
    others = visitors.come("bob", 1)
    await until(lambda: visitors.inside == 3)
    visitors.leave.set()
    await asyncio.gather(*coming, *others)
    assert visitors.inside == 0


@pytest.mark.gen_test
async def test_who_finds_the_queue_full_is_refused_and_told_when_to_come_back() -> None:
    visitors = Visitors(UserGate(2, "Full", queue_limit=3))
    coming = visitors.come("ada", 6)
    with pytest.raises(TooManyRequests, match="Full") as refused:
        await coming.pop()
    assert refused.value.retry_after_seconds == 1
    visitors.leave.set()
    await asyncio.gather(*coming)
    await asyncio.gather(*visitors.come("ada", 5))


@pytest.mark.gen_test
async def test_who_gives_up_waiting_leaves_the_place_to_the_next() -> None:
    visitors = Visitors(UserGate(1, "Full", queue_limit=1))
    first, second = visitors.come("ada", 2)
    await until(lambda: visitors.inside == 1)
    second.cancel()
    await asyncio.wait([second])
    (third,) = visitors.come("ada", 1)
    visitors.leave.set()
    await asyncio.gather(first, third)

"""Callers share queries, and never get an answer that is older than their question."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from realtime_app.store.batch import Batch


class Source:
    """A slow table of one number, which grows by one with each query. `asked` are the keys of each query."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def load(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.asked.append(list(keys))
        number = len(self.asked)
        self.was_asked.set()
        await self.may_answer.wait()
        if "bad" in keys:
            raise LookupError("bad")
        return {key: number for key in keys if key != "missing"}


@pytest.mark.gen_test
async def test_callers_of_one_turn_share_a_query() -> None:
    source = Source()
    batch = Batch(source.load)
    assert await asyncio.gather(*(batch.get(key) for key in ("a", "b", "a", "missing"))) == [1, 1, 1, None]
    assert source.asked == [["a", "b", "missing"]]


@pytest.mark.gen_test
async def test_a_call_during_a_query_is_answered_by_the_next_one() -> None:
    source = Source()
    source.may_answer.clear()
    batch = Batch(source.load)
    first = asyncio.create_task(batch.get("a"))
    await source.was_asked.wait()
    second = asyncio.create_task(batch.get("a"))
    await asyncio.sleep(0)
    source.may_answer.set()
    assert await asyncio.gather(first, second) == [1, 2]


@pytest.mark.gen_test
async def test_a_large_crowd_is_split() -> None:
    source = Source()
    batch = Batch(source.load, most=2)
    assert await asyncio.gather(*(batch.get(key) for key in "abcde")) == [1, 1, 2, 2, 3]


@pytest.mark.gen_test
async def test_a_failed_query_fails_its_callers_and_not_the_next() -> None:
    source = Source()
    batch = Batch(source.load)
    failed = await asyncio.gather(batch.get("bad"), batch.get("a"), return_exceptions=True)
    assert [type(error) for error in failed] == [LookupError, LookupError]
    assert await batch.get("a") == 2


@pytest.mark.gen_test
async def test_a_caller_that_leaves_does_not_end_the_query_of_the_others() -> None:
    source = Source()
    source.may_answer.clear()
    batch = Batch(source.load)
    leaver, stayer = asyncio.create_task(batch.get("a")), asyncio.create_task(batch.get("a"))
    await source.was_asked.wait()
    leaver.cancel()
    source.may_answer.set()
    assert await stayer == 1


@pytest.mark.gen_test
async def test_the_first_caller_does_not_wait_and_the_next_ones_share_a_query() -> None:
    source = Source()
    batch = Batch(source.load, pause_seconds=0.05)
    assert await batch.get("a") == 1

    second = asyncio.create_task(batch.get("b"))
    await asyncio.sleep(0)

    assert await asyncio.gather(second, batch.get("c")) == [2, 2]
    assert source.asked == [["a"], ["b", "c"]]
    await batch.close()


@pytest.mark.gen_test
async def test_nobody_waits_once_the_next_query_is_full() -> None:
    source = Source()
    batch = Batch(source.load, most=2, pause_seconds=3600)
    await batch.get("a")

    assert await asyncio.gather(*(batch.get(key) for key in "bc")) == [2, 2]

    assert batch._task is not None
    batch._task.cancel()  # its next pause
    await batch.close()

"""Pruning by age, count and size, and what a position is worth afterwards."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from realtime_app.store.engine import Database
from realtime_app.store.event_log import EventLog, Head
from realtime_app.store.retention import Pruner, Retention
from tests.planner import FakeClock, Planner
from tests.store.test_unit_of_work import Writer, logged_ids

WEEK = timedelta(days=7)


async def head_of(database: Database, planner: Planner) -> Head:
    head = await EventLog(database).head(planner.user_id)
    assert head is not None
    return head


@pytest.mark.gen_test
async def test_events_older_than_the_retention_go(database: Database, planner: Planner) -> None:
    clock = FakeClock()
    await Writer(database, planner.user_id).add_tasks(3)
    assert await Pruner(database, Retention(WEEK)).prune(clock()) == 0
    clock.advance(days=8)
    assert await Pruner(database, Retention(WEEK)).prune(clock()) == 1
    assert await logged_ids(database, planner.user_id) == []
    head = await head_of(database, planner)
    assert (head.pruned_to, head.last_id) == (3, 3)
    assert head.covers(3, head.epoch)
    assert not head.covers(2, head.epoch)


@pytest.mark.gen_test
async def test_a_log_keeps_its_newest_events_when_there_are_too_many(database: Database, planner: Planner) -> None:
    await Writer(database, planner.user_id).add_tasks(9)
    await Pruner(database, Retention(WEEK, most_events=4)).prune(FakeClock()())
    assert await logged_ids(database, planner.user_id) == [6, 7, 8, 9]
    assert (await head_of(database, planner)).pruned_to == 5


@pytest.mark.gen_test
async def test_a_log_keeps_its_newest_events_when_they_are_too_large(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    await writer.add_tasks(110)
    newest = sum(len(event.body) for event in writer.told[-5:])
    await Pruner(database, Retention(WEEK, most_bytes=newest)).prune(FakeClock()())
    assert await logged_ids(database, planner.user_id) == list(range(106, 111))


@pytest.mark.gen_test
async def test_two_processes_may_prune_at_once(database: Database, planner: Planner, stranger: Planner) -> None:
    for user in (planner, stranger):
        await Writer(database, user.user_id).add_tasks(5)
    pruners = [Pruner(database, Retention(WEEK, most_events=2)) for _ in range(2)]
    await asyncio.gather(*(pruner.prune(FakeClock()()) for pruner in pruners))
    for user in (planner, stranger):
        assert await logged_ids(database, user.user_id) == [4, 5]
        assert (await head_of(database, user)).pruned_to == 3


@pytest.mark.gen_test
async def test_writing_goes_on_after_everything_was_pruned(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    await writer.add_tasks(2)
    await Pruner(database, Retention(WEEK, most_events=0)).prune(FakeClock()())
    assert await writer.add_tasks() == 3
    assert await logged_ids(database, planner.user_id) == [3]

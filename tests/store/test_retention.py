"""Pruning by age, count and size, and what a position is worth afterwards."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from realtime_app.errors import DatabaseUnavailable
from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.event_log import EventLog, Head
from realtime_app.store.models import event_heads
from realtime_app.store.retention import Excess, Pruner, Retention
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
    assert await Pruner(database, Retention(WEEK)).prune(Excess.AGE, clock()) == 0
    clock.advance(days=8)
    assert await Pruner(database, Retention(WEEK)).prune(Excess.AGE, clock()) == 1
    assert await logged_ids(database, planner.user_id) == []
    head = await head_of(database, planner)
    assert (head.pruned_to, head.last_id) == (3, 3)
    assert head.covers(3, head.epoch)
    assert not head.covers(2, head.epoch)


@pytest.mark.gen_test
async def test_a_log_keeps_its_newest_events_when_there_are_too_many(database: Database, planner: Planner) -> None:
    await Writer(database, planner.user_id).add_tasks(9)
    await Pruner(database, Retention(WEEK, most_events=4)).prune(Excess.COUNT, FakeClock()())
    assert await logged_ids(database, planner.user_id) == [6, 7, 8, 9]
    assert (await head_of(database, planner)).pruned_to == 5


@pytest.mark.gen_test
async def test_a_log_keeps_its_newest_events_when_they_are_too_large(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    await writer.add_tasks(110)
    newest = sum(len(event.body) for event in writer.told[-5:])
    await Pruner(database, Retention(WEEK, most_bytes=newest)).prune(Excess.SIZE, FakeClock()())
    assert await logged_ids(database, planner.user_id) == list(range(106, 111))


@pytest.mark.gen_test
async def test_two_processes_may_prune_at_once(database: Database, planner: Planner, stranger: Planner) -> None:
    for user in (planner, stranger):
        await Writer(database, user.user_id).add_tasks(5)
    pruners = [Pruner(database, Retention(WEEK, most_events=2)) for _ in range(2)]
    await asyncio.gather(*(pruner.prune(Excess.COUNT, FakeClock()()) for pruner in pruners))
    for user in (planner, stranger):
        assert await logged_ids(database, user.user_id) == [4, 5]
        assert (await head_of(database, user)).pruned_to == 3


@pytest.mark.gen_test
async def test_a_reader_beside_a_pruner_has_all_that_its_position_covers(database: Database, planner: Planner) -> None:
    await Writer(database, planner.user_id).add_tasks(60)
    log, after = EventLog(database), 30

    async def prune() -> None:
        for most_events in range(55, 0, -5):
            await Pruner(database, Retention(WEEK, most_events=most_events)).prune(Excess.COUNT, FakeClock()())

    pruning, covered = asyncio.create_task(prune()), [True]
    while covered[-1]:
        page = await log.read(planner.user_id, after)
        assert page is not None
        covered.append(page.head.covers(after, page.head.epoch))
        if covered[-1]:
            assert [event.id for event in page.events] == list(range(after + 1, 61))
    await pruning
    assert len(covered) > 2
    await log.close()


@pytest.mark.gen_test
async def test_a_user_who_cannot_be_pruned_holds_up_nobody_else(
    database_url: str, database: Database, planner: Planner, stranger: Planner
) -> None:
    if database.is_sqlite:
        return  # there who holds a lock holds up everybody
    for user in (planner, stranger):
        await Writer(database, user.user_id).add_tasks(5)
    impatient = Database(database_url, DatabaseLimits(lock_timeout_seconds=0.1))
    async with database.uncommitted() as connection:
        await connection.execute(select(event_heads).where(event_heads.c.user_id == planner.user_id).with_for_update())
        with pytest.raises(DatabaseUnavailable):
            await Pruner(impatient, Retention(WEEK, most_events=2)).prune(Excess.COUNT, FakeClock()())
    await impatient.close()
    assert await logged_ids(database, planner.user_id) == [1, 2, 3, 4, 5]
    assert await logged_ids(database, stranger.user_id) == [4, 5]


@pytest.mark.gen_test
async def test_writing_goes_on_after_everything_was_pruned(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    await writer.add_tasks(2)
    await Pruner(database, Retention(WEEK, most_events=0)).prune(Excess.COUNT, FakeClock()())
    assert await writer.add_tasks() == 3
    assert await logged_ids(database, planner.user_id) == [3]

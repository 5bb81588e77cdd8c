"""Changes and their events: both or neither, numbered without holes, one writer of a user at a time."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from realtime_app.core.events import Actor, Event, EventType, Payload
from realtime_app.errors import AccountGone, DatabaseUnavailable, TooManyRequests
from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.event_log import EventLog
from realtime_app.store.models import event_heads, events, tasks
from realtime_app.store.unit_of_work import Author, UnitOfWork, UnitOfWorkRunner
from realtime_app.store.user_gate import UserGate, writer_gate
from tests.planner import FakeClock, Planner

SYSTEM: Actor = {"kind": "system", "id": None, "name": None}


class Writer:
    """Runs units for one user; `told` is what was announced after the commits."""

    def __init__(self, database: Database, user_id: str, gate: UserGate | None = None) -> None:
        self.told: list[Event] = []
        self.author = Author(user_id, SYSTEM)
        self.runner = UnitOfWorkRunner(database, committed=self.told.extend, clock=FakeClock(), gate=gate)

    async def add_tasks(self, count: int = 1) -> int:
        async def work(unit: UnitOfWork) -> None:
            for _ in range(count):
                await add_task(unit)

        return (await self.runner.run(self.author, work)).last_event_id

    async def record(self, count: int, payload: Payload) -> None:
        """So many events that say this, without any change."""

        async def work(unit: UnitOfWork) -> None:
            for _ in range(count):
                unit.record(EventType.USER_UPDATED, payload)

        await self.runner.run(self.author, work)


async def add_task(unit: UnitOfWork) -> None:
    """A task at the end of the backlog, and its event."""
    mine = select(func.coalesce(func.max(tasks.c.position) + 1, 0)).where(tasks.c.user_id == unit.user_id)
    task_id = str(uuid4())
    await unit.execute(
        insert(tasks).values(
            id=task_id,
            user_id=unit.user_id,
            title="t",
            search_text="t",
            actual_mins=0,
            priority="P2",
            position=mine.scalar_subquery(),
            subtasks_hidden=False,
            version=1,
            created_at=unit.now,
            updated_at=unit.now,
        )
    )
    unit.record(EventType.TASK_CREATED, {"taskId": task_id, "scheduledDate": None, "version": 1})


async def count_tasks(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(tasks))).scalar_one()


async def logged_ids(database: Database, user_id: str) -> list[int]:
    async with database.reading() as connection:
        mine = select(events.c.id).where(events.c.user_id == user_id).order_by(events.c.id)
        return list((await connection.execute(mine)).scalars())


@pytest.mark.gen_test
async def test_ids_and_positions_are_dense_when_eight_write_at_once(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)

    async def write_ten() -> None:
        for _ in range(10):
            await writer.add_tasks()

    await asyncio.gather(*(write_ten() for _ in range(8)))
    assert await logged_ids(database, planner.user_id) == list(range(1, 81))
    assert [event.id for event in writer.told] == list(range(1, 81))
    async with database.reading() as connection:
        positions = (await connection.execute(select(tasks.c.position).order_by(tasks.c.position))).scalars()
        assert list(positions) == list(range(80))


@pytest.mark.gen_test
async def test_several_processes_writing_one_log_leave_no_hole(database: Database, planner: Planner) -> None:
    # A gate of its own for each: as in different processes, only the head's lock keeps them apart.
    writers = [Writer(database, planner.user_id, writer_gate()) for _ in range(4)]

    async def write_five(writer: Writer) -> None:
        for _ in range(5):
            await writer.add_tasks()

    await asyncio.gather(*(write_five(writer) for writer in writers))
    assert await logged_ids(database, planner.user_id) == list(range(1, 21))


@pytest.mark.gen_test
async def test_a_unit_with_several_events_raises_the_head_to_its_last(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    assert await writer.add_tasks(3) == 3
    assert await writer.add_tasks() == 4
    head = await EventLog(database).head(planner.user_id)
    assert head is not None
    assert head.last_id == 4


@pytest.mark.gen_test
async def test_a_unit_that_fails_leaves_neither_change_nor_event_nor_id(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)

    async def fail(unit: UnitOfWork) -> None:
        await add_task(unit)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await writer.runner.run(writer.author, fail)
    assert await count_tasks(database) == 0
    assert writer.told == []
    assert await writer.add_tasks() == 1


@pytest.mark.gen_test
async def test_a_unit_without_events_changes_nothing_and_uses_no_id(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    await writer.add_tasks()

    async def look(unit: UnitOfWork) -> str:
        return "seen"

    committed = await writer.runner.run(writer.author, look)
    assert (committed.result, committed.last_event_id) == ("seen", 1)
    assert await writer.add_tasks() == 2


@pytest.mark.gen_test
async def test_events_carry_the_epoch_of_the_head_that_was_locked(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    async with database.writing() as connection:
        newer = str(uuid4())
        await connection.execute(event_heads.update().values(epoch=newer))
    await writer.add_tasks()
    assert writer.told[0].epoch == newer
    assert newer.encode() in writer.told[0].body


@pytest.mark.gen_test
async def test_a_deadlock_is_tried_again_and_then_given_up(database: Database, planner: Planner) -> None:
    if database.is_sqlite:
        return  # SQLite has one writer: there is nothing to lock against
    writer = Writer(database, planner.user_id)
    attempts: list[int] = []

    async def collide(unit: UnitOfWork, *, times: int) -> None:
        attempts.append(1)
        await add_task(unit)
        if len(attempts) <= times:
            raise_deadlock = "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"
            await unit.execute(text(raise_deadlock))

    await writer.runner.run(writer.author, lambda unit: collide(unit, times=2))
    assert (len(attempts), await count_tasks(database)) == (3, 1)
    attempts.clear()
    with pytest.raises(DBAPIError):
        await writer.runner.run(writer.author, lambda unit: collide(unit, times=99))
    assert (len(attempts), await count_tasks(database)) == (4, 1)


@pytest.mark.gen_test
async def test_a_user_who_is_gone_cannot_write(database: Database) -> None:
    writer = Writer(database, str(uuid4()))
    with pytest.raises(AccountGone):
        await writer.add_tasks()


@pytest.mark.gen_test
async def test_a_writer_beyond_the_queue_is_refused_at_once(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id, writer_gate(queue_limit=2))
    results = await asyncio.gather(*(writer.add_tasks() for _ in range(6)), return_exceptions=True)
    assert [type(result) for result in results] == [int] * 3 + [TooManyRequests] * 3
    assert await logged_ids(database, planner.user_id) == [1, 2, 3]


@pytest.mark.gen_test
async def test_one_users_burst_takes_no_connections_from_others(
    database_url: str, database: Database, planner: Planner, stranger: Planner
) -> None:
    if database.is_sqlite:
        return  # there all writers share one connection
    narrow = Database(database_url, DatabaseLimits(pool_size=2, pool_timeout_seconds=0.5))
    busy, other = Writer(narrow, planner.user_id), Writer(narrow, stranger.user_id)
    may_end = asyncio.Event()

    async def linger(unit: UnitOfWork) -> None:
        await may_end.wait()
        await add_task(unit)

    burst = [asyncio.create_task(busy.runner.run(busy.author, linger)) for _ in range(20)]
    assert [await other.add_tasks() for _ in range(3)] == [1, 2, 3]
    may_end.set()
    await asyncio.gather(*burst)
    await narrow.close()


@pytest.mark.gen_test
async def test_a_head_that_stays_locked_is_a_503_and_not_a_wait_without_end(
    database_url: str, database: Database, planner: Planner
) -> None:
    if database.is_sqlite:
        return  # there the busy timeout of five seconds does it
    hasty = Database(database_url, DatabaseLimits(lock_timeout_seconds=0.1))
    async with database.uncommitted() as connection:
        await connection.execute(select(event_heads).with_for_update())
        with pytest.raises(DatabaseUnavailable):
            await Writer(hasty, planner.user_id).add_tasks()
    await hasty.close()

"""Heads and pages of the log, one query for all who ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import event

from realtime_app.core.events import UserUpdatedPayload
from realtime_app.store import event_log as event_log_module
from realtime_app.store.engine import Database
from realtime_app.store.event_log import PAGE, PAGE_BYTES, EventLog, Head
from tests.planner import Planner
from tests.store.test_unit_of_work import Writer


@contextmanager
def counted_selects(database: Database) -> Iterator[list[str]]:
    """The statements that read the log's tables inside the block."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if "event_heads h" in statement:
            seen.append(statement)

    for engine in database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in database.engines:
            event.remove(engine.sync_engine, "before_cursor_execute", note)


def payload_of(character: str, count: int) -> UserUpdatedPayload:
    return {"fields": [character * count]}


@pytest.mark.gen_test
async def test_a_page_holds_what_follows_the_position_and_the_head(database: Database, planner: Planner) -> None:
    writer = Writer(database, planner.user_id)
    await writer.add_tasks(5)
    page = await EventLog(database).read(planner.user_id, 3)
    assert page is not None
    assert [event.id for event in page.events] == [4, 5]
    assert [event.body for event in page.events] == [event.body for event in writer.told[3:]]
    assert page.head.last_id == 5


@pytest.mark.gen_test
async def test_a_page_at_the_head_is_empty_and_knows_the_head(database: Database, planner: Planner) -> None:
    await Writer(database, planner.user_id).add_tasks(2)
    page = await EventLog(database).read(planner.user_id, 2)
    assert page is not None
    assert (page.events, page.head.last_id) == ([], 2)


@pytest.mark.gen_test
async def test_a_long_log_comes_in_pages(database: Database, planner: Planner) -> None:
    await Writer(database, planner.user_id).add_tasks(PAGE + 2)
    log = EventLog(database)
    first, second = await log.read(planner.user_id, 0), await log.read(planner.user_id, PAGE)
    assert first is not None
    assert second is not None
    assert [event.id for event in first.events] == list(range(1, PAGE + 1))
    assert [event.id for event in second.events] == [PAGE + 1, PAGE + 2]


@pytest.mark.gen_test
async def test_large_events_come_in_pages_of_few(database: Database, planner: Planner, stranger: Planner) -> None:
    for someone in (planner, stranger):
        await Writer(database, someone.user_id).record(9, payload_of("x", PAGE_BYTES // 4))
    log = EventLog(database)
    pages = await asyncio.gather(
        log.read(planner.user_id, 0), log.read(planner.user_id, 6), log.read(stranger.user_id, 4)
    )
    assert [[event.id for event in page.events] for page in pages if page] == [[1, 2, 3, 4], [7, 8, 9], [5, 6, 7, 8]]


@pytest.mark.gen_test
async def test_a_page_holds_at_least_one_event(
    database: Database, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log_module, "PAGE_BYTES", 1)
    await Writer(database, planner.user_id).add_tasks(2)
    page = await EventLog(database).read(planner.user_id, 0)
    assert page is not None
    assert [event.id for event in page.events] == [1]


@pytest.mark.gen_test
async def test_the_size_of_a_page_is_counted_in_bytes(database: Database, planner: Planner) -> None:
    await Writer(database, planner.user_id).record(6, payload_of("ö", PAGE_BYTES // 8))
    page = await EventLog(database).read(planner.user_id, 0)
    assert page is not None
    assert [event.id for event in page.events] == [1, 2, 3, 4]


@pytest.mark.gen_test
async def test_an_unknown_user_has_neither_head_nor_page(database: Database) -> None:
    log, nobody = EventLog(database), str(uuid4())
    assert await log.head(nobody) is None
    assert await log.read(nobody, 0) is None


@pytest.mark.gen_test
async def test_reads_of_many_at_once_cost_a_few_queries(
    database: Database, planner: Planner, stranger: Planner
) -> None:
    await Writer(database, planner.user_id).add_tasks(3)
    await Writer(database, stranger.user_id).add_tasks(2)
    log = EventLog(database)
    with counted_selects(database) as statements:
        heads = await asyncio.gather(*(log.head(planner.user_id) for _ in range(300)), log.head(stranger.user_id))
        pages = await asyncio.gather(
            *(log.read(planner.user_id, position) for position in (0, 1, 2) for _ in range(100)),
            log.read(stranger.user_id, 0),
        )
    assert len(statements) == 2
    assert [head.last_id for head in heads if head] == [3] * 300 + [2]
    assert [len(page.events) for page in pages if page] == [3] * 100 + [2] * 100 + [1] * 100 + [2]


@pytest.mark.parametrize(
    ("since", "epoch", "is_covered"),
    [(3, "e", True), (9, "e", True), (10, "e", True), (2, "e", False), (11, "e", False), (5, "other", False)],
)
def test_a_position_is_covered_from_what_was_pruned_to_the_head(since: int, epoch: str, is_covered: bool) -> None:
    assert Head(last_id=10, pruned_to=3, epoch="e").covers(since, epoch) is is_covered


def test_an_empty_log_covers_its_own_position() -> None:
    assert Head(last_id=7, pruned_to=7, epoch="e").covers(7, "e")

from __future__ import annotations

import pytest
from sqlalchemy import insert

from realtime_app.errors import Conflict, NotFound
from realtime_app.services import task_order
from realtime_app.services.representations import JsonObject
from realtime_app.services.task_deletion import delete_task
from realtime_app.store.engine import Database
from realtime_app.store.models import tasks
from tests.planner import Planner
from tests.services.task_verbs import (
    MONDAY,
    TUESDAY,
    UNKNOWN_ID,
    add_task,
    add_tasks,
    order_tasks,
    page_of_tasks,
    patch_task,
    read_task,
)
from tests.statements import sent_to

# More than either driver takes parameters in one statement.
LONG_BUCKET = 33_000


def titles(bucket: list[JsonObject]) -> list[str]:
    return [task["title"] for task in bucket]


@pytest.mark.gen_test
async def test_named_tasks_come_first_and_the_others_keep_their_order(planner: Planner) -> None:
    a, b, c, d = await add_tasks(planner, *"abcd", scheduledDate=MONDAY)
    planner.new_events()

    bucket = await order_tasks(planner, MONDAY, d["id"], b["id"])

    assert titles(bucket) == ["d", "b", "a", "c"]
    assert [task["position"] for task in bucket] == [0, 1, 2, 3]
    assert bucket == (await page_of_tasks(planner, date=MONDAY))[0]
    order = [d["id"], b["id"], a["id"], c["id"]]
    assert planner.new_events() == [("task:reordered", {"date": MONDAY, "taskIds": order})]


@pytest.mark.gen_test
async def test_only_tasks_whose_place_changes_get_a_new_version(planner: Planner) -> None:
    a, b, c = await add_tasks(planner, *"abc")
    planner.clock.advance(minutes=1)

    bucket = await order_tasks(planner, "backlog", a["id"], c["id"], b["id"])

    assert [task["version"] for task in bucket] == [1, 2, 2]
    assert bucket[0] == a
    assert {task["updatedAt"] for task in bucket[1:]} == {"2026-11-23T09:01:00.000Z"}


@pytest.mark.gen_test
async def test_sparse_positions_become_dense(planner: Planner) -> None:
    a, b = [await add_task(planner, title, position=place) for title, place in (("a", 10), ("b", 20))]

    bucket = await order_tasks(planner, "backlog", a["id"], b["id"])

    assert [(task["title"], task["position"]) for task in bucket] == [("a", 0), ("b", 1)]


@pytest.mark.gen_test
async def test_nothing_is_written_when_the_order_stands_already(planner: Planner) -> None:
    a, b = await add_tasks(planner, *"ab", scheduledDate=MONDAY)
    planner.new_events()

    assert await order_tasks(planner, MONDAY, a["id"], b["id"]) == [a, b]
    assert await order_tasks(planner, MONDAY, a["id"]) == [a, b]
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_tasks_of_other_buckets_move_in(planner: Planner) -> None:
    (here,) = await add_tasks(planner, "here", scheduledDate=MONDAY)
    (there,) = await add_tasks(planner, "there", scheduledDate=TUESDAY)
    (later,) = await add_tasks(planner, "later")
    planner.new_events()

    bucket = await order_tasks(planner, MONDAY, there["id"], here["id"], later["id"])

    assert titles(bucket) == ["there", "here", "later"]
    assert {task["scheduledDate"] for task in bucket} == {MONDAY}
    moved = [
        {"taskId": there["id"], "previousScheduledDate": TUESDAY},
        {"taskId": later["id"], "previousScheduledDate": None},
    ]
    order = [there["id"], here["id"], later["id"]]
    assert planner.new_events() == [("task:reordered", {"date": MONDAY, "taskIds": order, "moved": moved})]


@pytest.mark.gen_test
async def test_a_task_moves_into_the_backlog(planner: Planner) -> None:
    await add_task(planner, "later")
    task = await add_task(planner, "now", scheduledDate=MONDAY)
    planner.new_events()

    bucket = await order_tasks(planner, "backlog", task["id"])

    assert titles(bucket) == ["now", "later"]
    ((_, payload),) = planner.new_events()
    assert payload["date"] == "backlog"
    assert payload["moved"] == [{"taskId": task["id"], "previousScheduledDate": MONDAY}]


@pytest.mark.gen_test
async def test_ids_of_no_task_are_skipped(planner: Planner, stranger: Planner) -> None:
    a, b, gone = await add_tasks(planner, "a", "b", "gone")
    await planner.change(delete_task, gone["id"])
    foreign = await add_task(stranger)

    bucket = await order_tasks(planner, "backlog", UNKNOWN_ID, foreign["id"], b["id"], gone["id"], a["id"])

    assert titles(bucket) == ["b", "a"]
    assert await read_task(stranger, foreign["id"]) == foreign


@pytest.mark.gen_test
async def test_not_found_when_no_id_is_left(planner: Planner, stranger: Planner) -> None:
    await add_task(planner)
    foreign = await add_task(stranger)
    planner.new_events()

    with pytest.raises(NotFound):
        await order_tasks(planner, "backlog", UNKNOWN_ID, foreign["id"])

    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_equal_positions_are_told_apart_as_in_the_list(planner: Planner) -> None:
    await add_task(planner, "older", position=0)
    planner.clock.advance(seconds=1)
    await add_task(planner, "newer", position=0)
    last = await add_task(planner, "last", position=9)

    assert titles(await order_tasks(planner, "backlog", last["id"])) == ["last", "newer", "older"]


@pytest.mark.gen_test(timeout=60)
async def test_a_bucket_of_any_length_is_put_in_order(planner: Planner, database: Database) -> None:
    first = await add_task(planner, "first")
    await _fill_backlog(database, first)
    last = await add_task(planner, "last")
    planner.new_events()

    bucket = await order_tasks(planner, "backlog", last["id"], first["id"])

    assert [task["position"] for task in bucket] == list(range(LONG_BUCKET + 2))
    assert titles(bucket)[:2] == ["last", "first"]
    ((_, payload),) = planner.new_events()
    assert payload["truncated"] is True
    assert payload["taskIds"] == [task["id"] for task in bucket[:1000]]


@pytest.mark.gen_test
async def test_a_bucket_with_too_much_text_is_refused_unread(
    planner: Planner, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_order, "MAX_CHARACTERS", 1000)
    a, b = [await add_task(planner, title, notes="x" * 499) for title in "ab"]
    assert titles(await order_tasks(planner, "backlog", b["id"])) == ["b", "a"]
    await patch_task(planner, b["id"], title="bb")
    planner.new_events()

    with sent_to(database) as sent, pytest.raises(Conflict, match="too long to be put in order"):
        await order_tasks(planner, "backlog", a["id"])

    assert not any("tasks.version" in statement for statement, _ in sent)
    assert planner.new_events() == []


async def _fill_backlog(database: Database, like: JsonObject) -> None:
    async with database.writing() as connection:
        row = (await connection.execute(tasks.select().where(tasks.c.id == like["id"]))).one()._asdict()
        rows = [
            {**row, "id": f"00000000-0000-4000-9000-{number:012}", "position": number + 1}
            for number in range(LONG_BUCKET)
        ]
        await connection.execute(insert(tasks), rows)


@pytest.mark.gen_test
async def test_many_tasks_move_at_once(planner: Planner) -> None:
    created = await add_tasks(planner, *map(str, range(100)))
    planner.new_events()

    bucket = await order_tasks(planner, MONDAY, *(task["id"] for task in reversed(created)))

    assert titles(bucket) == [str(number) for number in reversed(range(100))]
    ((_, payload),) = planner.new_events()
    assert len(payload["moved"]) == 100


@pytest.mark.gen_test
async def test_an_order_counts_after_a_change_of_day(planner: Planner) -> None:
    a, b = await add_tasks(planner, *"ab", scheduledDate=MONDAY)
    await patch_task(planner, a["id"], scheduledDate=TUESDAY)

    assert titles(await order_tasks(planner, MONDAY, b["id"])) == ["b"]

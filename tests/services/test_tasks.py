from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from realtime_app.errors import NotFound, VersionStale
from realtime_app.services.tasks import complete_task, uncomplete_task
from realtime_app.store.engine import Database
from realtime_app.store.models import event_heads
from tests.planner import Planner
from tests.services.task_verbs import (
    MAX_POSITION,
    MONDAY,
    TUESDAY,
    UNKNOWN_ID,
    add_task,
    add_tasks,
    list_titles,
    page_of_tasks,
    patch_task,
    read_task,
)

WRITERS = 8
TASKS_EACH = 5

EVERYTHING = {
    "title": "Call Ada",
    "notes": "<b>soon</b>",
    "scheduledDate": TUESDAY,
    "estimatedMins": 30,
    "actualMins": 5,
    "priority": "P0",
    "completedAt": "2026-11-23T10:00:00.000Z",
    "position": 7,
    "subtasksHidden": True,
}


@pytest.mark.gen_test
async def test_a_task_starts_with_the_defaults(planner: Planner) -> None:
    task = await add_task(planner, "Write")

    assert task == {
        "id": task["id"],
        "userId": planner.user_id,
        "title": "Write",
        "notes": None,
        "scheduledDate": None,
        "estimatedMins": None,
        "actualMins": 0,
        "priority": "P2",
        "completedAt": None,
        "position": 0,
        "subtasksHidden": False,
        "version": 1,
        "createdAt": "2026-11-23T09:00:00.000Z",
        "updatedAt": "2026-11-23T09:00:00.000Z",
    }
    assert await read_task(planner, task["id"]) == task
    assert planner.new_events() == [("task:created", {"taskId": task["id"], "scheduledDate": None, "version": 1})]


@pytest.mark.gen_test
async def test_a_new_task_goes_to_the_end_of_its_bucket(planner: Planner, stranger: Planner) -> None:
    await add_task(planner, position=41, scheduledDate=MONDAY)
    await add_task(planner, position=99, scheduledDate=TUESDAY)
    await add_task(planner, position=98)
    await add_task(stranger, position=97, scheduledDate=MONDAY)

    assert (await add_task(planner, scheduledDate=MONDAY))["position"] == 42
    assert (await add_task(planner))["position"] == 99


@pytest.mark.gen_test
async def test_a_bucket_is_numbered_anew_when_no_position_is_left_for_a_new_task(planner: Planner) -> None:
    await add_task(planner, "first", position=MAX_POSITION)
    planner.new_events()

    last = await add_task(planner, "last")

    assert (last["position"], last["version"]) == (1, 2)
    assert await list_titles(planner) == ["first", "last"]
    assert [kind for kind, _ in planner.new_events()] == ["task:created", "task:reordered"]


@pytest.mark.gen_test
async def test_a_change_names_the_fields_that_differ(planner: Planner) -> None:
    task = await add_task(planner, "Call Bob", notes="soon", scheduledDate=TUESDAY)
    planner.new_events()

    changed = await patch_task(planner, task["id"], title="Call Ada", notes="soon", priority="P1")

    assert changed == {**task, "title": "Call Ada", "priority": "P1", "version": 2}
    payload = {"taskId": task["id"], "scheduledDate": TUESDAY, "version": 2, "fields": ["title", "priority"]}
    assert planner.new_events() == [("task:updated", payload)]


@pytest.mark.gen_test
async def test_every_field_can_be_changed(planner: Planner) -> None:
    task = await add_task(planner)
    planner.new_events()
    planner.clock.advance(minutes=1)

    changed = await patch_task(planner, task["id"], **EVERYTHING)

    assert changed == {**task, **EVERYTHING, "version": 2, "updatedAt": "2026-11-23T09:01:00.000Z"}
    assert await read_task(planner, task["id"]) == changed
    ((_, payload),) = planner.new_events()
    assert set(payload["fields"]) == set(EVERYTHING)


@pytest.mark.gen_test
async def test_null_empties_what_may_be_empty(planner: Planner) -> None:
    task = await add_task(planner, notes="soon", scheduledDate=MONDAY, estimatedMins=30)
    await patch_task(planner, task["id"], completedAt="2026-11-23T10:00:00Z")
    emptied = {"notes": None, "scheduledDate": None, "estimatedMins": None, "completedAt": None}

    assert emptied.items() <= (await patch_task(planner, task["id"], **emptied)).items()


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "fields",
    [{}, {"title": "Write"}, {"completedAt": "2026-11-23T11:00:00+01:00", "position": 3, "scheduledDate": MONDAY}],
)
async def test_nothing_is_written_when_nothing_differs(planner: Planner, fields: dict[str, Any]) -> None:
    task = await add_task(planner, "Write", position=3, scheduledDate=MONDAY)
    task = await patch_task(planner, task["id"], completedAt="2026-11-23T10:00:00Z")
    planner.new_events()

    assert await patch_task(planner, task["id"], **fields) == task
    assert await read_task(planner, task["id"]) == task
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_a_task_that_moves_goes_to_the_end_of_its_new_day(planner: Planner) -> None:
    task = await add_task(planner, scheduledDate=MONDAY)
    await add_task(planner, scheduledDate=TUESDAY, position=4)
    planner.new_events()

    moved = await patch_task(planner, task["id"], scheduledDate=TUESDAY)

    assert moved["position"] == 5
    payload = {"taskId": task["id"], "scheduledDate": TUESDAY, "previousScheduledDate": MONDAY, "version": 2}
    assert planner.new_events() == [("task:updated", {**payload, "fields": ["scheduledDate", "position"]})]


@pytest.mark.gen_test
async def test_a_task_that_moves_keeps_a_position_that_is_given(planner: Planner) -> None:
    task = await add_task(planner)
    await add_task(planner, scheduledDate=TUESDAY, position=4)
    planner.new_events()

    moved = await patch_task(planner, task["id"], scheduledDate=TUESDAY, position=0)

    assert moved["position"] == 0
    ((_, payload),) = planner.new_events()
    assert payload["fields"] == ["scheduledDate"]
    assert payload["previousScheduledDate"] is None


@pytest.mark.gen_test
async def test_a_bucket_is_numbered_anew_when_no_position_is_left_for_a_moved_task(planner: Planner) -> None:
    await add_task(planner, "first", scheduledDate=MONDAY, position=MAX_POSITION)
    task = await add_task(planner, "last")
    planner.new_events()

    moved = await patch_task(planner, task["id"], scheduledDate=MONDAY)

    assert moved["position"] == 1
    assert await read_task(planner, task["id"]) == moved
    assert [kind for kind, _ in planner.new_events()] == ["task:updated", "task:reordered"]


@pytest.mark.gen_test
async def test_a_changed_text_is_found_by_its_new_words(planner: Planner) -> None:
    task = await add_task(planner, "Call Bob", notes="in the morning")

    await patch_task(planner, task["id"], title="Call Ada")

    assert await list_titles(planner, search="ada") == ["Call Ada"]
    assert await list_titles(planner, search="morning") == ["Call Ada"]
    assert await list_titles(planner, search="bob") == []


@pytest.mark.gen_test
async def test_completing_by_a_change_is_reported_as_completion(planner: Planner) -> None:
    task = await add_task(planner)
    planner.new_events()

    await patch_task(planner, task["id"], completedAt="2026-11-23T10:00:00Z", title="Written")
    await patch_task(planner, task["id"], completedAt="2026-11-23T11:00:00Z")
    await patch_task(planner, task["id"], completedAt=None)

    assert [(kind, payload["fields"]) for kind, payload in planner.new_events()] == [
        ("task:completed", ["title", "completedAt"]),
        ("task:updated", ["completedAt"]),
        ("task:updated", ["completedAt"]),
    ]


@pytest.mark.gen_test
async def test_completing_twice_keeps_the_first_instant(planner: Planner) -> None:
    task = await add_task(planner)
    planner.new_events()

    completed = await planner.change(complete_task, task["id"])
    planner.clock.advance(hours=1)

    assert completed["completedAt"] == "2026-11-23T09:00:00.000Z"
    assert await planner.change(complete_task, task["id"]) == completed
    payload = {"taskId": task["id"], "scheduledDate": None, "version": 2, "fields": ["completedAt"]}
    assert planner.new_events() == [("task:completed", payload)]


@pytest.mark.gen_test
async def test_uncompleting_twice_is_one_change(planner: Planner) -> None:
    task = await add_task(planner)
    await planner.change(complete_task, task["id"])
    planner.new_events()

    reopened = await planner.change(uncomplete_task, task["id"])

    assert reopened["completedAt"] is None
    assert await planner.change(uncomplete_task, task["id"]) == reopened
    payload = {"taskId": task["id"], "scheduledDate": None, "version": 3, "fields": ["completedAt"]}
    assert planner.new_events() == [("task:updated", payload)]


@pytest.mark.gen_test
@pytest.mark.parametrize("fields", [{"title": "Mine"}, {}])
async def test_a_stale_version_is_refused_with_the_current_row(planner: Planner, fields: dict[str, Any]) -> None:
    task = await add_task(planner, "Write")
    current = await patch_task(planner, task["id"], title="Theirs")
    planner.new_events()

    with pytest.raises(VersionStale) as stale:
        await patch_task(planner, task["id"], if_match=frozenset({1}), **fields)

    assert stale.value.current == current
    assert await read_task(planner, task["id"]) == current
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_the_current_version_is_accepted(planner: Planner) -> None:
    task = await add_task(planner)

    changed = await patch_task(planner, task["id"], if_match=frozenset({1, 99_999_999_999}), title="Mine")

    assert changed["version"] == 2


@pytest.mark.gen_test
async def test_what_is_unknown_or_another_users_is_not_found(planner: Planner, stranger: Planner) -> None:
    foreign = (await add_task(stranger))["id"]

    for task_id in (UNKNOWN_ID, foreign):
        with pytest.raises(NotFound):
            await patch_task(planner, task_id, title="Mine")
        with pytest.raises(NotFound):
            await planner.change(complete_task, task_id)
        with pytest.raises(NotFound):
            await planner.change(uncomplete_task, task_id)
    assert planner.new_events() == []
    assert (await read_task(stranger, foreign))["version"] == 1


@pytest.mark.gen_test
async def test_writers_at_the_same_time_get_dense_positions_and_event_ids(planner: Planner, database: Database) -> None:
    await asyncio.gather(*(add_tasks(planner, *"abcde") for _ in range(WRITERS)))

    created = WRITERS * TASKS_EACH
    rows, total = await page_of_tasks(planner, limit="500")
    assert total == created
    assert [task["position"] for task in rows] == list(range(created))
    assert [recorded["id"] for recorded in planner.events] == list(range(1, created + 1))
    async with database.reading() as connection:
        head = select(event_heads.c.last_id).where(event_heads.c.user_id == planner.user_id)
        assert (await connection.execute(head)).scalar_one() == created

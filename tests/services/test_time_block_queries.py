from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from sqlalchemy import update
from tornado.ioloop import IOLoop

from realtime_app.schemas.fields import parse
from realtime_app.schemas.time_blocks import TimeBlockListQuery
from realtime_app.services.time_block_deletion import delete_time_block
from realtime_app.services.time_block_queries import list_time_blocks
from realtime_app.store.engine import Database
from realtime_app.store.models import users
from tests.planner import Planner
from tests.services.planned import NOBODYS, TODAY, TOMORROW, JsonObject, plan_block, plan_task

DAY_BEFORE = "2026-11-22"


async def found(planner: Planner, **parameters: str) -> list[JsonObject]:
    return (await planner.read(list_time_blocks, parse(TimeBlockListQuery, parameters)))[0]


async def titles(planner: Planner, **parameters: str) -> list[str]:
    return [block["title"] for block in await found(planner, **parameters)]


async def live_in(database: Database, planner: Planner, timezone: str) -> None:
    async with database.writing() as connection:
        await connection.execute(update(users).where(users.c.id == planner.user_id).values(timezone=timezone))


@dataclass
class Week:
    """Five blocks on three days, made in another order than that of time; one has a task, one is another user's."""

    task: JsonObject = field(default_factory=dict)


@pytest.fixture
def week(io_loop: IOLoop, planner: Planner, stranger: Planner) -> Week:
    async def plan() -> Week:
        task = await plan_task(planner)
        await plan_block(planner, "08:00", "09:00", title="late", date=TOMORROW)
        await plan_block(planner, "12:00", "13:00", title="noon", taskId=task["id"])
        await plan_block(planner, "09:00", "10:00", title="morning")
        await plan_block(planner, "22:00", "24:00", title="early", date=DAY_BEFORE)
        await plan_block(stranger, "09:00", "10:00", title="foreign")
        deleted = await plan_block(planner, "09:00", "10:00", title="deleted")
        await planner.change(delete_time_block, deleted["id"])
        return Week(task)

    return io_loop.run_sync(plan)


@pytest.mark.gen_test
async def test_blocks_are_listed_by_date_and_start(planner: Planner, week: Week) -> None:
    assert await titles(planner) == ["early", "morning", "noon", "late"]


@pytest.mark.gen_test
async def test_each_block_carries_its_task_or_null(planner: Planner, week: Week) -> None:
    assert [block["task"] for block in await found(planner, date=TODAY)] == [None, week.task]


@pytest.mark.gen_test
async def test_days_are_inclusive_and_filters_combine(planner: Planner, week: Week) -> None:
    assert await titles(planner, date=TODAY) == ["morning", "noon"]
    assert await titles(planner, **{"from": TODAY}) == ["morning", "noon", "late"]
    assert await titles(planner, to=TODAY) == ["early", "morning", "noon"]
    assert await titles(planner, **{"from": TODAY, "to": TODAY}) == ["morning", "noon"]
    assert await titles(planner, date=TOMORROW, to=TODAY) == []


@pytest.mark.gen_test
async def test_blocks_are_found_by_task_or_by_having_none(planner: Planner, week: Week) -> None:
    assert await titles(planner, taskId=week.task["id"]) == ["noon"]
    assert await titles(planner, taskId=NOBODYS) == []
    assert await titles(planner, unassignedOnly="true", date=TODAY) == ["morning"]
    assert await titles(planner, unassignedOnly="false", date=TODAY) == ["morning", "noon"]
    assert await titles(planner, unassignedOnly="true", taskId=week.task["id"]) == []


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"startTimeFrom": "2026-11-23T09:00:00Z"}, ["morning", "noon", "late"]),
        ({"startTimeFrom": "2026-11-23T09:00:00.001Z"}, ["noon", "late"]),
        ({"startTimeFrom": "2026-11-22T23:59:30Z"}, ["morning", "noon", "late"]),
        ({"startTimeTo": "2026-11-23T09:00:59Z"}, ["early", "morning"]),
        ({"startTimeTo": "2026-11-23T08:59:59Z"}, ["early"]),
        ({"startTimeFrom": "2026-11-22T23:00:00Z", "startTimeTo": "2026-11-23T11:59:00Z"}, ["morning"]),
        ({"startTimeFrom": "2026-11-23T10:00:00+01:00", "to": TODAY}, ["morning", "noon"]),
        (
            {"startTimeFrom": "0001-01-01T00:00:00Z", "startTimeTo": "9999-12-31T23:59:59Z", "date": TODAY},
            ["morning", "noon"],
        ),
    ],
)
@pytest.mark.gen_test
async def test_starts_are_compared_to_the_minute(
    planner: Planner, week: Week, parameters: dict[str, str], expected: list[str]
) -> None:
    assert await titles(planner, **parameters) == expected


@pytest.mark.gen_test
async def test_starts_are_compared_in_the_users_timezone(planner: Planner, week: Week, database: Database) -> None:
    await live_in(database, planner, "Asia/Tokyo")

    assert await titles(planner, startTimeFrom="2026-11-23T00:00:00Z") == ["morning", "noon", "late"]
    assert await titles(planner, startTimeFrom="2026-11-23T00:01:00Z") == ["noon", "late"]
    assert await titles(planner, startTimeTo="2026-11-22T13:00:00Z") == ["early"]


@pytest.mark.gen_test
async def test_both_passes_of_a_repeated_hour_find_the_same_blocks(planner: Planner, database: Database) -> None:
    await live_in(database, planner, "Europe/Berlin")
    await plan_block(planner, "02:30", "02:45", title="repeated", date="2026-10-25")

    for moment in ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"):
        assert await titles(planner, startTimeFrom=moment, startTimeTo=moment) == ["repeated"]


@pytest.mark.gen_test
async def test_pages_follow_each_other_and_say_the_total(planner: Planner, week: Week) -> None:
    pages = [
        await planner.read(list_time_blocks, parse(TimeBlockListQuery, {"limit": "2", "page": page}))
        for page in ("1", "2", "3")
    ]

    assert [[block["title"] for block in blocks] for blocks, _ in pages] == [["early", "morning"], ["noon", "late"], []]
    assert [total for _, total in pages] == [4, 4, 4]


@pytest.mark.gen_test
async def test_blocks_with_the_same_start_are_listed_by_id(planner: Planner) -> None:
    ids = {(await plan_block(planner, "09:00", "10:00"))["id"] for _ in range(5)}

    assert [block["id"] for block in await found(planner)] == sorted(ids)


@pytest.mark.gen_test
async def test_an_empty_planner_has_no_page(planner: Planner) -> None:
    assert await planner.read(list_time_blocks, parse(TimeBlockListQuery, {})) == ([], 0)


@pytest.mark.gen_test
async def test_a_page_far_beyond_the_last_is_empty(planner: Planner, week: Week) -> None:
    query = parse(TimeBlockListQuery, {"page": "2147483647", "limit": "500"})

    assert await planner.read(list_time_blocks, query) == ([], 4)

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from realtime_app.errors import Conflict, NotFound, ValidationFailed
from realtime_app.schemas.fields import parse
from realtime_app.schemas.time_blocks import AutoScheduleBody, QuickScheduleBody
from realtime_app.services.scheduling import auto_schedule, quick_schedule
from realtime_app.services.time_block_queries import get_time_block
from realtime_app.store.engine import Database
from realtime_app.store.models import users
from tests.planner import Planner
from tests.services.planned import NOBODYS, TODAY, TOMORROW, JsonObject, plan_block, plan_task, times

YESTERDAY = "2026-11-22"


async def quick(planner: Planner, task_id: str, **fields: Any) -> JsonObject:
    body = {"taskId": task_id, "date": TODAY, "startTime": "09:00", **fields}
    return await planner.change(quick_schedule, parse(QuickScheduleBody, body))


async def auto(planner: Planner, task: JsonObject, current_time: str | None = None) -> JsonObject:
    body = {"taskId": task["id"], "currentTime": current_time}
    return await planner.change(auto_schedule, parse(AutoScheduleBody, body))


async def set_profile(database: Database, planner: Planner, **columns: Any) -> None:
    async with database.writing() as connection:
        await connection.execute(update(users).where(users.c.id == planner.user_id).values(**columns))


@pytest.mark.gen_test
async def test_a_quick_block_takes_title_and_notes_of_its_task(planner: Planner) -> None:
    task = await plan_task(planner, title="R" * 500, notes="<p>why</p>")

    block = await quick(planner, task["id"])

    assert (block["title"], block["description"], block["task"]) == ("R" * 255, "<p>why</p>", task)
    assert (block["date"], *times(block), block["color"], block["position"]) == (
        TODAY,
        "09:00",
        "09:30",
        "#3B82F6",
        0,
    )
    assert planner.new_events() == [("timeblock:created", {"timeBlockId": block["id"], "date": TODAY, "version": 1})]
    assert await planner.read(get_time_block, block["id"]) == block


@pytest.mark.gen_test
async def test_a_quick_block_may_end_at_midnight_but_not_after(planner: Planner) -> None:
    task = await plan_task(planner)

    block = await quick(planner, task["id"], startTime="16:00", durationMins=480, color="#000000")
    assert (*times(block), block["color"]) == ("16:00", "24:00", "#000000")

    planner.new_events()
    with pytest.raises(ValidationFailed) as caught:
        await quick(planner, task["id"], startTime="16:01", durationMins=480)
    assert caught.value.errors.keys() == {"durationMins"}
    assert planner.events == []


@pytest.mark.gen_test
async def test_only_the_users_own_task_is_scheduled(planner: Planner, stranger: Planner) -> None:
    foreign = await plan_task(stranger)

    with pytest.raises(NotFound, match="Task not found"):
        await quick(planner, NOBODYS)
    with pytest.raises(NotFound, match="Task not found"):
        await quick(planner, foreign["id"])
    with pytest.raises(NotFound, match="Task not found"):
        await auto(planner, foreign)
    assert planner.events == []


@pytest.mark.gen_test
async def test_a_task_of_the_backlog_goes_to_the_first_gap_of_today(planner: Planner, stranger: Planner) -> None:
    task = await plan_task(planner, notes="why")
    await plan_block(stranger, "09:00", "18:00")
    await plan_block(planner, "09:00", "18:00", date=TOMORROW)
    await plan_block(planner, "09:00", "10:10")
    await plan_block(planner, "10:30", "11:00")

    block = await auto(planner, task)

    assert (block["date"], *times(block)) == (TODAY, "11:00", "11:30")
    assert (block["title"], block["description"], block["task"]) == ("Report", "why", task)
    assert planner.new_events() == [("timeblock:created", {"timeBlockId": block["id"], "date": TODAY, "version": 1})]


@pytest.mark.gen_test
async def test_the_gap_is_as_long_as_the_estimate(planner: Planner) -> None:
    await plan_block(planner, "10:00", "11:00")
    short, long = await plan_task(planner, estimatedMins=60), await plan_task(planner, estimatedMins=61)

    assert times(await auto(planner, long)) == ("11:00", "12:01")
    assert times(await auto(planner, short)) == ("09:00", "10:00")


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        ({"minutes": -90}, ("09:00", "09:30")),
        ({"minutes": 15}, ("09:15", "09:45")),
        ({"minutes": 15, "milliseconds": 1}, ("09:30", "10:00")),
        ({"hours": 8, "minutes": 31}, ("18:00", "18:30")),
        ({"hours": 10, "minutes": 40}, ("19:45", "20:15")),
    ],
)
@pytest.mark.gen_test
async def test_today_starts_at_the_next_quarter_hour(
    planner: Planner, elapsed: dict[str, float], expected: tuple[str, str]
) -> None:
    task = await plan_task(planner)
    planner.clock.advance(**elapsed)

    assert times(await auto(planner, task)) == expected


@pytest.mark.parametrize(
    ("day", "current_time", "expected"),
    [
        (TODAY, "2026-11-23T13:05:00Z", "13:15"),
        (TODAY, "2026-11-23T14:00:00+01:00", "13:00"),
        (TODAY, "13:05", "13:15"),
        (TOMORROW, None, "09:00"),
        (TOMORROW, "2026-11-23T13:05:00Z", "09:00"),
        (TOMORROW, "2026-11-24T13:05:00Z", "13:15"),
        (TOMORROW, "13:05", "13:15"),
        (YESTERDAY, None, "09:00"),
    ],
)
@pytest.mark.gen_test
async def test_a_current_time_counts_on_its_own_day(
    planner: Planner, day: str, current_time: str | None, expected: str
) -> None:
    task = await plan_task(planner, scheduledDate=day)

    block = await auto(planner, task, current_time)

    assert (block["date"], block["startTime"]) == (day, expected)


@pytest.mark.gen_test
async def test_no_gap_is_found_on_a_day_that_is_over_at_the_current_time(planner: Planner) -> None:
    task = await plan_task(planner, scheduledDate=YESTERDAY)

    with pytest.raises(Conflict, match="no gap of 30 minutes left on 2026-11-22"):
        await auto(planner, task, "2026-11-23T00:00:00Z")
    assert planner.events == []


@pytest.mark.gen_test
async def test_today_and_now_are_those_of_the_users_timezone(planner: Planner, database: Database) -> None:
    await set_profile(database, planner, timezone="Asia/Tokyo")
    task = await plan_task(planner)
    planner.clock.advance(hours=6, minutes=40)

    block = await auto(planner, task)

    assert (block["date"], block["startTime"]) == (TOMORROW, "09:00")
    assert (await auto(planner, task, "2026-11-24T10:40:00Z"))["startTime"] == "19:45"


@pytest.mark.gen_test
async def test_the_working_hours_are_those_of_the_preferences(planner: Planner, database: Database) -> None:
    await set_profile(database, planner, preferences={"themeMode": "dark", "workStartHour": 11, "workEndHour": 12})
    task = await plan_task(planner)
    await plan_block(planner, "11:00", "11:45")

    assert times(await auto(planner, task)) == ("12:00", "12:30")
    await set_profile(database, planner, preferences={"workStartHour": 0})
    assert times(await auto(planner, task, "00:00")) == ("00:00", "00:30")


@pytest.mark.gen_test
async def test_a_full_day_is_a_conflict(planner: Planner) -> None:
    await plan_block(planner, "09:00", "23:31")
    task = await plan_task(planner)

    with pytest.raises(Conflict, match="no gap of 30 minutes left on 2026-11-23"):
        await auto(planner, task)
    with pytest.raises(Conflict):
        await auto(planner, await plan_task(planner, scheduledDate=TOMORROW), "23:46")
    assert planner.events == []

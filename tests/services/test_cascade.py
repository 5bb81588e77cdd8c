from __future__ import annotations

import re

import pytest

from realtime_app.errors import NotFound, ValidationFailed, VersionStale
from realtime_app.schemas.fields import parse
from realtime_app.schemas.time_blocks import CascadeResizeBody, TimeBlockListQuery
from realtime_app.services.cascade import cascade_resize
from realtime_app.services.time_block_deletion import delete_time_block
from realtime_app.services.time_block_queries import list_time_blocks
from realtime_app.store.engine import Database
from tests.planner import Planner
from tests.services.planned import NOBODYS, TODAY, TOMORROW, JsonObject, plan_block, plan_task, times
from tests.statements import sent_to


async def resize(
    planner: Planner, block: JsonObject, start: str, end: str, if_match: set[int] | None = None
) -> list[JsonObject]:
    body = parse(CascadeResizeBody, {"startTime": start, "endTime": end})
    return await planner.change(cascade_resize, block["id"], body, if_match)


async def day(planner: Planner, date: str = TODAY) -> list[JsonObject]:
    return (await planner.read(list_time_blocks, parse(TimeBlockListQuery, {"date": date})))[0]


async def day_times(planner: Planner) -> list[tuple[str, str]]:
    return [times(block) for block in await day(planner)]


@pytest.mark.gen_test
async def test_later_blocks_move_on_as_far_as_they_would_overlap(planner: Planner) -> None:
    task = await plan_task(planner)
    third = await plan_block(planner, "11:00", "11:30", taskId=task["id"])
    second = await plan_block(planner, "10:00", "11:00")
    first = await plan_block(planner, "09:00", "10:00")
    await plan_block(planner, "12:00", "13:00")
    await plan_block(planner, "08:30", "09:00")
    planner.clock.advance(minutes=5)

    changed = await resize(planner, first, "09:00", "10:15")

    assert [(block["id"], *times(block), block["version"]) for block in changed] == [
        (first["id"], "09:00", "10:15", 2),
        (second["id"], "10:15", "11:15", 2),
        (third["id"], "11:15", "11:45", 2),
    ]
    assert changed[2] == third | {
        "startTime": "11:15",
        "endTime": "11:45",
        "version": 2,
        "updatedAt": "2026-11-23T09:05:00.000Z",
    }
    assert await day_times(planner) == [
        ("08:30", "09:00"),
        ("09:00", "10:15"),
        ("10:15", "11:15"),
        ("11:15", "11:45"),
        ("12:00", "13:00"),
    ]


@pytest.mark.gen_test
async def test_each_changed_block_is_reported_in_the_order_of_time(planner: Planner) -> None:
    first = await plan_block(planner, "09:00", "10:00")
    second = await plan_block(planner, "10:00", "11:00")

    await resize(planner, first, "09:00", "10:30")

    assert planner.new_events() == [
        ("timeblock:updated", {"timeBlockId": first["id"], "date": TODAY, "version": 2, "fields": ["endTime"]}),
        (
            "timeblock:updated",
            {"timeBlockId": second["id"], "date": TODAY, "version": 2, "fields": ["startTime", "endTime"]},
        ),
    ]


@pytest.mark.gen_test
async def test_other_days_users_and_deleted_blocks_are_left_alone(planner: Planner, stranger: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    foreign = await plan_block(stranger, "10:00", "11:00")
    other_day = await plan_block(planner, "10:00", "11:00", date=TOMORROW)
    await planner.change(delete_time_block, (await plan_block(planner, "10:00", "11:00"))["id"])
    await plan_block(planner, "11:00", "12:00")

    changed = await resize(planner, block, "09:00", "11:00")

    assert [block["id"] for block in changed] == [block["id"]]
    assert await day(stranger) == [foreign]
    assert await day(planner, TOMORROW) == [other_day]


@pytest.mark.gen_test
async def test_only_what_comes_after_the_block_moves_when_it_starts_earlier(planner: Planner) -> None:
    await plan_block(planner, "08:00", "09:30")
    await plan_block(planner, "09:30", "10:00")
    block = await plan_block(planner, "10:00", "11:00")

    changed = await resize(planner, block, "09:00", "11:00")

    assert [times(block) for block in changed] == [("09:00", "11:00"), ("11:00", "11:30")]
    assert await day_times(planner) == [("08:00", "09:30"), ("09:00", "11:00"), ("11:00", "11:30")]


@pytest.mark.gen_test
async def test_a_block_that_came_after_gives_way_when_the_resized_one_starts_later(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    await plan_block(planner, "10:00", "11:00")
    await plan_block(planner, "12:30", "13:30")

    changed = await resize(planner, block, "13:00", "14:00")

    assert [times(block) for block in changed] == [("13:00", "14:00"), ("14:00", "15:00")]


@pytest.mark.gen_test
async def test_a_block_is_pushed_when_it_overlaps_one_that_itself_stays(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "11:00")
    other = await plan_block(planner, "10:00", "10:30")

    changed = await resize(planner, block, "09:00", "11:00")

    assert [(block["id"], *times(block)) for block in changed] == [(other["id"], "11:00", "11:30")]


@pytest.mark.gen_test
async def test_only_blocks_that_move_are_read_whole_and_only_once(planner: Planner, database: Database) -> None:
    await plan_block(planner, "08:00", "09:00")
    first = await plan_block(planner, "09:00", "10:00")
    second = await plan_block(planner, "10:00", "11:00")
    await plan_block(planner, "12:00", "13:00")

    with sent_to(database) as sent:
        await resize(planner, first, "09:00", "10:30")

    [asked] = [parameters for statement, parameters in sent if "description" in statement]
    assert set(re.findall(r"[0-9a-f-]{36}", asked)) - {planner.user_id} == {first["id"], second["id"]}


@pytest.mark.gen_test
async def test_nothing_is_reported_when_nothing_changes(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    await plan_block(planner, "10:00", "11:00")
    before = await day(planner)

    assert await resize(planner, block, "9:00", "10:00") == []

    assert planner.events == []
    assert await day(planner) == before


@pytest.mark.gen_test
async def test_a_day_may_be_filled_to_midnight_but_no_further(planner: Planner) -> None:
    block = await plan_block(planner, "20:00", "21:00")
    await plan_block(planner, "21:00", "23:00")

    assert [times(block) for block in await resize(planner, block, "20:00", "22:00")] == [
        ("20:00", "22:00"),
        ("22:00", "24:00"),
    ]
    planner.new_events()
    with pytest.raises(ValidationFailed) as caught:
        await resize(planner, block, "20:00", "22:01")
    assert caught.value.errors == {"endTime": ["pushes the block of 22:00 past midnight"]}
    assert planner.events == []
    assert await day_times(planner) == [("20:00", "22:00"), ("22:00", "24:00")]


@pytest.mark.gen_test
async def test_a_resize_for_an_older_version_is_refused(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    [current] = await resize(planner, block, "09:00", "11:00", if_match={1})
    planner.new_events()

    for end in ("11:00", "12:00"):
        with pytest.raises(VersionStale) as caught:
            await resize(planner, block, "09:00", end, if_match={1})
        assert caught.value.current == current
    assert planner.events == []


@pytest.mark.gen_test
async def test_an_unknown_block_is_not_found(planner: Planner, stranger: Planner) -> None:
    foreign = await plan_block(stranger, "09:00", "10:00")
    deleted = await plan_block(planner, "09:00", "10:00")
    await planner.change(delete_time_block, deleted["id"])
    planner.new_events()

    for block in (foreign, deleted, {"id": NOBODYS}):
        with pytest.raises(NotFound, match="Time block not found"):
            await resize(planner, block, "09:00", "11:00")
    assert planner.events == []

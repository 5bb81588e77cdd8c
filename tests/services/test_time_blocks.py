from typing import Any

import pytest

from realtime_app.core.ordering import MAX_POSITION
from realtime_app.errors import NotFound, ValidationFailed, VersionStale
from realtime_app.schemas.fields import parse
from realtime_app.schemas.time_blocks import TimeBlockBody
from realtime_app.services.task_deletion import delete_task, restore_task
from realtime_app.services.time_block_queries import get_time_block
from realtime_app.services.time_blocks import create_time_block
from tests.planner import Planner
from tests.services.planned import NOBODYS, TODAY, TOMORROW, change_block, plan_block, plan_task, times


@pytest.mark.gen_test
async def test_a_new_block_starts_with_the_defaults(planner: Planner) -> None:
    body = parse(TimeBlockBody, {"title": "Write", "date": TODAY, "startTime": "9:00", "endTime": "10:30"})
    block = await planner.change(create_time_block, body)

    assert block == {
        "id": block["id"],
        "userId": planner.user_id,
        "taskId": None,
        "title": "Write",
        "description": None,
        "date": TODAY,
        "startTime": "09:00",
        "endTime": "10:30",
        "durationMins": 90,
        "color": "#3B82F6",
        "position": 0,
        "version": 1,
        "createdAt": "2026-11-23T09:00:00.000Z",
        "updatedAt": "2026-11-23T09:00:00.000Z",
        "task": None,
    }
    assert planner.new_events() == [("timeblock:created", {"timeBlockId": block["id"], "date": TODAY, "version": 1})]
    assert await planner.read(get_time_block, block["id"]) == block


@pytest.mark.gen_test
async def test_a_new_block_carries_its_task(planner: Planner) -> None:
    task = await plan_task(planner, notes="<p>why</p>", scheduledDate=TODAY, estimatedMins=45)
    fields: dict[str, Any] = {"taskId": task["id"], "notes": "how", "color": "#a1b2c3", "position": 7}
    block = await plan_block(planner, "09:00", "24:00", **fields)

    assert block["task"] == task
    assert (block["taskId"], block["description"], block["color"], block["position"]) == (
        task["id"],
        "how",
        "#a1b2c3",
        7,
    )
    assert (block["endTime"], block["durationMins"]) == ("24:00", 900)
    assert await planner.read(get_time_block, block["id"]) == block


@pytest.mark.gen_test
async def test_a_new_block_goes_to_the_end_of_its_day(planner: Planner, stranger: Planner) -> None:
    await plan_block(stranger, "09:00", "10:00", position=50)
    await plan_block(planner, "09:00", "10:00", date=TOMORROW, position=20)
    await plan_block(planner, "09:00", "10:00", position=4)

    assert (await plan_block(planner, "08:00", "09:00"))["position"] == 5


@pytest.mark.gen_test
async def test_a_new_block_shares_the_last_position_when_none_is_left(planner: Planner) -> None:
    await plan_block(planner, "09:00", "10:00", position=MAX_POSITION)

    assert (await plan_block(planner, "09:00", "10:00"))["position"] == MAX_POSITION


@pytest.mark.gen_test
async def test_only_the_users_own_living_task_can_be_linked(planner: Planner, stranger: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    foreign, deleted = await plan_task(stranger), await plan_task(planner)
    await planner.change(delete_task, deleted["id"])
    planner.new_events()

    for task_id in (foreign["id"], deleted["id"], NOBODYS):
        with pytest.raises(NotFound, match="Task not found"):
            await plan_block(planner, "09:00", "10:00", taskId=task_id)
        with pytest.raises(NotFound, match="Task not found"):
            await change_block(planner, block, taskId=task_id)
    assert planner.events == []


@pytest.mark.gen_test
async def test_a_change_is_written_and_reported_with_the_names_that_changed(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    task = await plan_task(planner)
    planner.clock.advance(minutes=5)

    sent = {"title": "Write", "taskId": task["id"], "startTime": "9:30", "endTime": "00:00", "notes": "how"}
    changed = await change_block(planner, block, **sent)

    assert changed == block | {
        "taskId": task["id"],
        "description": "how",
        "startTime": "09:30",
        "endTime": "24:00",
        "durationMins": 870,
        "version": 2,
        "updatedAt": "2026-11-23T09:05:00.000Z",
        "task": task,
    }
    [(event_type, payload)] = planner.new_events()
    assert event_type == "timeblock:updated"
    assert payload == {
        "timeBlockId": block["id"],
        "date": TODAY,
        "version": 2,
        "fields": ["taskId", "description", "startTime", "endTime"],
    }
    assert await planner.read(get_time_block, block["id"]) == changed


@pytest.mark.gen_test
async def test_the_former_day_is_reported_when_a_block_moves(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")

    await change_block(planner, block, date=TOMORROW)

    assert planner.new_events() == [
        (
            "timeblock:updated",
            {"timeBlockId": block["id"], "date": TOMORROW, "previousDate": TODAY, "version": 2, "fields": ["date"]},
        )
    ]


@pytest.mark.gen_test
async def test_null_takes_away_task_description_and_color(planner: Planner) -> None:
    task = await plan_task(planner)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"], description="how", color="#000000")

    changed = await change_block(planner, block, taskId=None, description=None, color=None)

    assert [changed[name] for name in ("taskId", "task", "description", "color")] == [None, None, None, "#3B82F6"]


@pytest.mark.gen_test
async def test_nothing_is_written_when_nothing_changes(planner: Planner) -> None:
    task = await plan_task(planner)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"])
    planner.clock.advance(minutes=5)

    same = {"title": "Write", "date": TODAY, "startTime": "9:00", "taskId": task["id"], "color": None, "position": 0}
    assert await change_block(planner, block, **same) == block
    assert await change_block(planner, block) == block

    assert planner.events == []
    assert await planner.read(get_time_block, block["id"]) == block


@pytest.mark.parametrize(
    ("sent", "field", "reason"),
    [
        ({"startTime": "10:00"}, "startTime", "must be earlier than endTime (10:00)"),
        ({"startTime": "11:00"}, "startTime", "must be earlier than endTime (10:00)"),
        ({"endTime": "09:00"}, "endTime", "must be later than startTime (09:00)"),
        ({"endTime": "08:00", "taskId": NOBODYS}, "endTime", "must be later than startTime (09:00)"),
    ],
)
@pytest.mark.gen_test
async def test_one_time_is_refused_when_it_does_not_fit_to_the_other(
    planner: Planner, sent: dict[str, str], field: str, reason: str
) -> None:
    block = await plan_block(planner, "09:00", "10:00")

    with pytest.raises(ValidationFailed) as caught:
        await change_block(planner, block, **sent)

    assert caught.value.errors == {field: [reason]}
    assert planner.events == []


@pytest.mark.gen_test
async def test_one_time_is_taken_when_it_fits_to_the_other(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")

    assert times(await change_block(planner, block, startTime="09:59")) == ("09:59", "10:00")
    assert times(await change_block(planner, block, endTime="00:00")) == ("09:59", "24:00")


@pytest.mark.gen_test
async def test_a_change_for_an_older_version_is_refused_even_if_it_changes_nothing(planner: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")
    current = await change_block(planner, block, if_match={1, 7}, title="Read")
    planner.new_events()

    for sent in ({"title": "Read"}, {"title": "Speak"}, {}):
        with pytest.raises(VersionStale) as caught:
            await change_block(planner, block, if_match={1}, **sent)
        assert caught.value.current == current
        assert caught.value.message == "Time block was changed meanwhile; it is now at version 2"
    assert planner.events == []


@pytest.mark.gen_test
async def test_a_block_is_unknown_to_other_users(planner: Planner, stranger: Planner) -> None:
    block = await plan_block(planner, "09:00", "10:00")

    with pytest.raises(NotFound, match="Time block not found"):
        await change_block(stranger, block, title="Mine")
    with pytest.raises(NotFound, match="Time block not found"):
        await stranger.read(get_time_block, block["id"])


@pytest.mark.gen_test
async def test_a_link_that_a_deletion_cut_comes_back_with_the_task(planner: Planner) -> None:
    task = await plan_task(planner)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"])
    await planner.change(delete_task, task["id"])
    await change_block(planner, block, title="Read")
    await planner.change(restore_task, task["id"])

    assert (await planner.read(get_time_block, block["id"]))["taskId"] == task["id"]


@pytest.mark.gen_test
async def test_a_link_that_a_deletion_cut_stays_cut_when_the_block_got_another_meanwhile(planner: Planner) -> None:
    task, other = await plan_task(planner), await plan_task(planner)
    block = await plan_block(planner, "09:00", "10:00", taskId=task["id"])
    await planner.change(delete_task, task["id"])
    await change_block(planner, block, taskId=other["id"])
    await change_block(planner, block, taskId=None)
    await planner.change(restore_task, task["id"])

    assert (await planner.read(get_time_block, block["id"]))["taskId"] is None

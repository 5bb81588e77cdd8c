"""Tasks and time blocks that tests put into a planner, in the words of the wire."""

from __future__ import annotations

from typing import Any

from realtime_app.schemas.fields import parse
from realtime_app.schemas.tasks import TaskBody
from realtime_app.schemas.time_blocks import TimeBlockBody, TimeBlockChangesBody
from realtime_app.services.tasks import create_task
from realtime_app.services.time_blocks import create_time_block, update_time_block
from tests.planner import Planner

TODAY = "2026-11-23"
TOMORROW = "2026-11-24"
NOBODYS = "6f1c1f0d-51b5-4a37-9f3f-0d5ad3a8a0ff"

JsonObject = dict[str, Any]


async def plan_task(planner: Planner, **fields: Any) -> JsonObject:
    """A new task; its event is taken off the planner's list."""
    task = await planner.change(create_task, parse(TaskBody, {"title": "Report", **fields}))
    planner.new_events()
    return task


async def plan_block(planner: Planner, start: str, end: str, **fields: Any) -> JsonObject:
    """A new block of today; its event is taken off the planner's list."""
    body = {"title": "Write", "date": TODAY, "startTime": start, "endTime": end, **fields}
    block = await planner.change(create_time_block, parse(TimeBlockBody, body))
    planner.new_events()
    return block


async def change_block(
    planner: Planner, block: JsonObject, *, if_match: set[int] | None = None, **fields: Any
) -> JsonObject:
    return await planner.change(update_time_block, block["id"], parse(TimeBlockChangesBody, fields), if_match)


def times(block: JsonObject) -> tuple[str, str]:
    return block["startTime"], block["endTime"]

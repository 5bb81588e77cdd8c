"""Every writing route of the URL table leaves exactly the event that the contract names, and none when it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from handlers.base import ApiHandler
from handlers.pages import UnknownPathHandler
from handlers.routes import ROUTES, route_name
from tests.app import Account, Answer, RunningApp
from tests.events.logged import LoggedEvents
from tests.statements import statements_of

DAY = "2026-11-23"
READING_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class World:
    """One user with a task that has a subtask, two blocks on one day, and something deleted of each kind."""

    app: RunningApp
    account: Account

    async def send(self, method: str, path: str, **json: Any) -> Answer:
        return await self.app.fetch(method, path, json=json, token=self.account.token)

    async def make(self, path: str, **json: Any) -> str:
        return str((await self.send("POST", path, **json)).data["id"])

    async def task(self) -> str:
        return await self.make("/tasks", title="Task", scheduledDate=DAY)

    async def subtask(self) -> tuple[str, str]:
        task_id = await self.task()
        return task_id, await self.make(f"/tasks/{task_id}/subtasks", title="Subtask")

    async def block(self) -> str:
        return await self.make("/time-blocks", title="Block", date=DAY, startTime="09:00", endTime="10:00")


Request = tuple[str, dict[str, Any]]
"""The path and the body of the request that is under test."""


async def _create_task(world: World) -> Request:
    return "/tasks", {"title": "New"}


async def _patch_task(world: World) -> Request:
    return f"/tasks/{await world.task()}", {"title": "Other"}


async def _delete_task(world: World) -> Request:
    return f"/tasks/{await world.task()}", {}


async def _restore_task(world: World) -> Request:
    task_id = await world.task()
    await world.send("DELETE", f"/tasks/{task_id}")
    return f"/tasks/{task_id}/restore", {}


async def _complete_task(world: World) -> Request:
    return f"/tasks/{await world.task()}/complete", {}


async def _uncomplete_task(world: World) -> Request:
    task_id = await world.task()
    await world.send("POST", f"/tasks/{task_id}/complete")
    return f"/tasks/{task_id}/uncomplete", {}


async def _reorder_tasks(world: World) -> Request:
    first, second = await world.task(), await world.task()
    return "/tasks/reorder", {"date": DAY, "taskIds": [second, first]}


async def _create_subtask(world: World) -> Request:
    return f"/tasks/{await world.task()}/subtasks", {"title": "New"}


async def _patch_subtask(world: World) -> Request:
    task_id, subtask_id = await world.subtask()
    return f"/tasks/{task_id}/subtasks/{subtask_id}", {"completed": True}


async def _delete_subtask(world: World) -> Request:
    task_id, subtask_id = await world.subtask()
    return f"/tasks/{task_id}/subtasks/{subtask_id}", {}


async def _reorder_subtasks(world: World) -> Request:
    task_id, first = await world.subtask()
    second = await world.make(f"/tasks/{task_id}/subtasks", title="Second")
    return f"/tasks/{task_id}/subtasks/reorder", {"subtaskIds": [second, first]}


async def _create_block(world: World) -> Request:
    return "/time-blocks", {"title": "New", "date": DAY, "startTime": "09:00", "endTime": "10:00"}


async def _quick_schedule(world: World) -> Request:
    return "/time-blocks/quick-schedule", {"taskId": await world.task(), "date": DAY, "startTime": "09:00"}


async def _auto_schedule(world: World) -> Request:
    task_id = await world.make("/tasks", title="Later", scheduledDate="2099-01-05")
    return "/time-blocks/auto-schedule", {"taskId": task_id}


async def _patch_block(world: World) -> Request:
    return f"/time-blocks/{await world.block()}", {"title": "Other"}


async def _delete_block(world: World) -> Request:
    return f"/time-blocks/{await world.block()}", {}


async def _cascade_resize(world: World) -> Request:
    block_id = await world.block()
    return f"/time-blocks/{block_id}/cascade-resize", {"startTime": "09:00", "endTime": "11:00"}


async def _restore_block(world: World) -> Request:
    block_id = await world.block()
    await world.send("DELETE", f"/time-blocks/{block_id}")
    return f"/time-blocks/{block_id}/restore", {}


async def _patch_profile(world: World) -> Request:
    return "/auth/me", {"name": "Ada"}


LOGGED: dict[tuple[str, str], tuple[str, Callable[[World], Awaitable[Request]]]] = {
    ("POST", "/tasks"): ("task:created", _create_task),
    ("PATCH", "/tasks/{id}"): ("task:updated", _patch_task),
    ("DELETE", "/tasks/{id}"): ("task:deleted", _delete_task),
    ("POST", "/tasks/{id}/restore"): ("task:created", _restore_task),
    ("POST", "/tasks/{id}/complete"): ("task:completed", _complete_task),
    ("POST", "/tasks/{id}/uncomplete"): ("task:updated", _uncomplete_task),
    ("POST", "/tasks/reorder"): ("task:reordered", _reorder_tasks),
    ("POST", "/tasks/{id}/subtasks"): ("task:updated", _create_subtask),
    ("PATCH", "/tasks/{id}/subtasks/{id}"): ("task:updated", _patch_subtask),
    ("DELETE", "/tasks/{id}/subtasks/{id}"): ("task:updated", _delete_subtask),
    ("POST", "/tasks/{id}/subtasks/reorder"): ("task:updated", _reorder_subtasks),
    ("POST", "/time-blocks"): ("timeblock:created", _create_block),
    ("POST", "/time-blocks/quick-schedule"): ("timeblock:created", _quick_schedule),
    ("POST", "/time-blocks/auto-schedule"): ("timeblock:created", _auto_schedule),
    ("PATCH", "/time-blocks/{id}"): ("timeblock:updated", _patch_block),
    ("DELETE", "/time-blocks/{id}"): ("timeblock:deleted", _delete_block),
    ("PATCH", "/time-blocks/{id}/cascade-resize"): ("timeblock:updated", _cascade_resize),
    ("POST", "/time-blocks/{id}/restore"): ("timeblock:created", _restore_block),
    ("PATCH", "/auth/me"): ("user:updated", _patch_profile),
}

UNLOGGED = {
    # Nothing that a task, a block or the profile shows is changed by these.
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/change-password"),
    ("DELETE", "/auth/me"),
    ("DELETE", "/auth/sessions/{id}"),
    ("POST", "/api-keys"),
    ("PATCH", "/api-keys/{id}"),
    ("DELETE", "/api-keys/{id}"),
    # A read whose question is too long for a URL.
    ("POST", "/tasks/subtasks-batch"),
}

IDEMPOTENT = {("PATCH", "/tasks/{id}"), ("PATCH", "/tasks/{id}/subtasks/{id}"), ("PATCH", "/time-blocks/{id}")} | {
    ("PATCH", "/auth/me"),
    ("PATCH", "/time-blocks/{id}/cascade-resize"),
    ("POST", "/tasks/reorder"),
    ("POST", "/tasks/{id}/subtasks/reorder"),
    ("POST", "/tasks/{id}/complete"),
    ("POST", "/tasks/{id}/uncomplete"),
}
"""Sent again, these change nothing."""


def _writing_routes() -> set[tuple[str, str]]:
    return {
        (method, route_name(pattern))
        for pattern, handler in ROUTES
        if issubclass(handler, ApiHandler) and handler is not UnknownPathHandler
        for method in set(handler.allowed_methods()) - READING_METHODS
    }


def test_every_writing_route_is_in_one_of_the_two_lists() -> None:
    assert _writing_routes() == LOGGED.keys() | UNLOGGED


@pytest.mark.gen_test
@pytest.mark.parametrize("route", sorted(LOGGED), ids=" ".join)
async def test_a_writing_route_logs_one_event(app: RunningApp, route: tuple[str, str]) -> None:
    event_type, arrange = LOGGED[route]
    world = World(app, await app.register())
    logged = LoggedEvents(app, world.account)
    path, body = await arrange(world)
    await logged.new()

    await app.get("/auth/me", token=world.account.token)  # the session is known then, and not looked up any more
    with statements_of(app.application.database) as statements:
        answer = await world.send(route[0], path, **body)
    assert answer.status < 300, answer.body
    assert statements[0] == "UPDATE event_heads", "the lock comes before anything that the write depends on"
    assert [event["type"] for event in await logged.new()] == [event_type]
    assert answer.headers["Last-Event-Id"] == str(logged.position)

    if route in IDEMPOTENT:
        again = await world.send(route[0], path, **body)
        assert again.status < 300, again.body
        assert await logged.new() == []
        assert again.headers["Last-Event-Id"] == str(logged.position)


@pytest.mark.gen_test
@pytest.mark.parametrize("route", sorted(LOGGED), ids=" ".join)
async def test_a_writing_route_that_fails_logs_nothing(app: RunningApp, route: tuple[str, str]) -> None:
    _, arrange = LOGGED[route]
    world, stranger = World(app, await app.register()), World(app, await app.register())
    path, body = await arrange(world)
    own, others = LoggedEvents(app, world.account), LoggedEvents(app, stranger.account)
    await own.new()

    # A body that is wrong in every field; somebody else's row.
    wrong: dict[str, Any] = {name: {"not": "this"} for name in body}
    attempts = [(world, path, wrong)] if body else []
    if "{id}" in route[1]:
        attempts += [(stranger, path, body), (world, path.replace(path.split("/")[2], str(uuid4())), body)]
    assert attempts
    for who, where, sent in attempts:
        answer = await who.send(route[0], where, **sent)
        assert answer.status in (400, 404), answer.body
    assert (await own.new(), await others.new()) == ([], [])

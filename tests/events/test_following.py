"""Old state + events = fresh state: whatever is written, a client that refetches only what events name is right."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.app import Account, RunningApp
from tests.events.follower import Follower, Reader
from tests.events.logged import LoggedEvents

SEEDS = range(4)
STEPS = 45

DAYS = ["2026-11-23", "2026-11-24", None]


class Scribbler:
    """Writes at random, sometimes nonsense: a write that fails or changes nothing must not be heard of either."""

    def __init__(self, app: RunningApp, account: Account, seed: int) -> None:
        self._app = app
        self._token = account.token
        self._random = random.Random(seed)
        self._tasks: list[str] = []
        self._subtasks: list[tuple[str, str]] = []
        self._blocks: list[str] = []
        self._verbs: list[Callable[[], Awaitable[None]]] = [
            *[self._create_task] * 3,
            *[self._change_task] * 4,
            *[self._touch_task] * 3,
            *[self._reorder] * 2,
            *[self._create_subtask] * 2,
            self._change_subtask,
            self._reorder_subtasks,
            *[self._create_block] * 3,
            *[self._change_block] * 3,
            self._touch_block,
            self._cascade,
            self._change_profile,
        ]

    async def write(self) -> str:
        """One random request; its name, for the report of a failure."""
        verb = self._random.choice(self._verbs)
        await verb()
        return verb.__name__

    async def _send(self, method: str, path: str, **json: Any) -> Any:
        answer = await self._app.fetch(method, path, json=json, token=self._token)
        assert answer.status < 500, answer.body
        return answer.json.get("data")

    def _some(self, ids: list[Any]) -> Any:
        return self._random.choice(ids) if ids else "00000000-0000-4000-8000-000000000000"

    def _fields(self, **choices: list[Any]) -> dict[str, Any]:
        """A few of these fields, each with one of its values."""
        names = self._random.sample(sorted(choices), self._random.randint(1, len(choices)))
        return {name: self._random.choice(choices[name]) for name in names}

    async def _create_task(self) -> None:
        day = self._random.choice(DAYS)
        task = await self._send("POST", "/tasks", title=f"Task {len(self._tasks)}", scheduledDate=day)
        self._tasks.append(task["id"])

    async def _change_task(self) -> None:
        changes = self._fields(
            title=["A", "B", ""],
            notes=[None, "n"],
            scheduledDate=DAYS,
            position=[0, 1, 7],
            priority=["P0", "P2", "P9"],
            estimatedMins=[None, 30],
            completedAt=[None, "2026-11-23T10:00:00Z"],
            subtasksHidden=[True, False],
        )
        await self._send("PATCH", f"/tasks/{self._some(self._tasks)}", **changes)

    async def _touch_task(self) -> None:
        method, verb = self._random.choice([("POST", "/complete"), ("POST", "/uncomplete"), ("DELETE", "")] * 2)
        task_id = self._some(self._tasks)
        await self._send(method, f"/tasks/{task_id}{verb}")
        if self._random.random() < 0.5:
            await self._send("POST", f"/tasks/{task_id}/restore")

    async def _reorder(self) -> None:
        ids = self._random.sample(self._tasks, min(len(self._tasks), self._random.randint(1, 5)))
        await self._send("POST", "/tasks/reorder", date=self._random.choice(DAYS) or "backlog", taskIds=ids)

    async def _create_subtask(self) -> None:
        task_id = self._some(self._tasks)
        subtask = await self._send("POST", f"/tasks/{task_id}/subtasks", title="Subtask")
        if subtask is not None:
            self._subtasks.append((task_id, subtask["id"]))

    async def _change_subtask(self) -> None:
        if self._subtasks:
            task_id, subtask_id = self._random.choice(self._subtasks)
            changes = self._fields(title=["S", "T"], completed=[True, False], position=[0, 3])
            await self._send(
                self._random.choice(["PATCH", "DELETE"]), f"/tasks/{task_id}/subtasks/{subtask_id}", **changes
            )

    async def _reorder_subtasks(self) -> None:
        if self._subtasks:
            task_id, _ = self._random.choice(self._subtasks)
            ids = [subtask_id for parent, subtask_id in self._subtasks if parent == task_id]
            self._random.shuffle(ids)
            await self._send("POST", f"/tasks/{task_id}/subtasks/reorder", subtaskIds=ids)

    async def _create_block(self) -> None:
        task_id = self._random.choice([None, self._some(self._tasks)])
        path = self._random.choice(["/time-blocks", "/time-blocks/quick-schedule", "/time-blocks/auto-schedule"])
        start = self._random.choice(["09:00", "10:30", "22:00"])
        times = {"startTime": start, "endTime": "23:00"}
        block = await self._send("POST", path, title="Block", date=DAYS[0], taskId=task_id, **times)
        if block is not None:
            self._blocks.append(block["id"])

    async def _change_block(self) -> None:
        changes = self._fields(
            title=["C", "D"],
            date=DAYS[:2],
            startTime=["08:00", "11:00"],
            taskId=[None, self._some(self._tasks)],
            description=[None, "d"],
            color=["#000000", "red"],
        )
        await self._send("PATCH", f"/time-blocks/{self._some(self._blocks)}", **changes)

    async def _touch_block(self) -> None:
        block_id = self._some(self._blocks)
        await self._send("DELETE", f"/time-blocks/{block_id}")
        if self._random.random() < 0.5:
            await self._send("POST", f"/time-blocks/{block_id}/restore")

    async def _cascade(self) -> None:
        times = {"startTime": "09:00", "endTime": self._random.choice(["09:30", "12:00", "24:00"])}
        await self._send("PATCH", f"/time-blocks/{self._some(self._blocks)}/cascade-resize", **times)

    async def _change_profile(self) -> None:
        preferences = {"themeMode": self._random.choice(["dark", "light"]), "workStartHour": 8}
        changes = self._fields(name=[None, "Ada"], timezone=["UTC", "Europe/Berlin"], preferences=[preferences])
        await self._send("PATCH", "/auth/me", **changes)


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_client_that_refetches_what_events_name_is_up_to_date(app: RunningApp, seed: int) -> None:
    account = await app.register()
    reader, logged = Reader(app, account), LoggedEvents(app, account)
    follower = Follower(reader, await reader.everything())
    scribbler = Scribbler(app, account, seed)
    for step in range(STEPS):
        done = await scribbler.write()
        events = await logged.new()
        for event in events:
            await follower.hear(event)
        fresh = await reader.everything()
        heard = [event["type"] for event in events]
        for name in ("tasks", "time_blocks", "user"):
            assert getattr(follower.planner, name) == getattr(fresh, name), f"{name} after step {step}: {done} {heard}"
    assert logged.position > STEPS / 4, "the sequence wrote next to nothing"

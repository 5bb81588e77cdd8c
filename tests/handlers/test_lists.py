"""No list asks the database more often for many rows than for few."""

from __future__ import annotations

import pytest

from tests.app import Account, RunningApp
from tests.statements import statements_of

DAY = "2026-11-23"
LISTS = [
    ("GET", "/tasks?includeSubtasks=true"),
    ("GET", f"/tasks?date={DAY}"),
    ("GET", f"/time-blocks?date={DAY}"),
    ("GET", "/time-blocks"),
    ("POST", "/tasks/subtasks-batch"),
    ("GET", "/api-keys"),
    ("GET", "/auth/sessions"),
]


async def add_rows(app: RunningApp, account: Account, count: int) -> list[str]:
    """Tasks with a subtask and a block each, and as many keys and sessions; returns the tasks' ids."""
    token, task_ids = account.token, []
    for number in range(count):
        task = (await app.post("/tasks", json={"title": "t", "scheduledDate": DAY}, token=token)).data
        await app.post(f"/tasks/{task['id']}/subtasks", json={"title": "s"}, token=token)
        block = {"title": "b", "date": DAY, "startTime": f"{number:02}:00", "endTime": f"{number:02}:30"}
        assert (await app.post("/time-blocks", json=block | {"taskId": task["id"]}, token=token)).status == 201
        await app.create_key(account, "tasks:read", name=f"{number}")
        task_ids.append(task["id"])
    await app.post("/auth/login", json={"email": account.email, "password": account.password})
    return task_ids


async def statement_counts(app: RunningApp, account: Account, task_ids: list[str]) -> dict[str, int]:
    """How many statements each list takes; all of them have a row at least."""
    counts = {}
    for method, path in LISTS:
        body = {"taskIds": task_ids} if method == "POST" else None
        with statements_of(app.application.database) as statements:
            answer = await app.fetch(method, path, json=body, token=account.token)
        assert answer.data
        counts[path] = len(statements)
    return counts


@pytest.mark.gen_test
async def test_lists_take_as_many_statements_for_many_rows_as_for_one(app: RunningApp) -> None:
    account = await app.register()
    few = await statement_counts(app, account, await add_rows(app, account, 1))

    many = await statement_counts(app, account, await add_rows(app, account, 6))

    assert few == many

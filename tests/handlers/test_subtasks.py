"""Subtasks over HTTP: statuses, headers, scopes. What the services do is tested with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app import Account, RunningApp

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


async def add_task(app: RunningApp, account: Account) -> str:
    task_id: str = (await app.post("/tasks", json={"title": "Write"}, token=account.token)).data["id"]
    return task_id


async def add_subtask(app: RunningApp, account: Account, task_id: str, title: str = "Draft") -> dict[str, Any]:
    answer = await app.post(f"/tasks/{task_id}/subtasks", json={"title": title}, token=account.token)
    subtask: dict[str, Any] = answer.data
    return subtask


@pytest.mark.gen_test
async def test_a_subtask_is_created_changed_listed_and_deleted(app: RunningApp) -> None:
    account = await app.register()
    path = f"/tasks/{await add_task(app, account)}/subtasks"

    created = await app.post(path, json={"title": "Draft"}, token=account.token)
    subtask_path = f"{path}/{created.data['id']}"
    changed = await app.patch(subtask_path, json={"completed": True}, token=account.token)
    listed = await app.get(path, token=account.token)
    deleted = await app.delete(subtask_path, token=account.token)

    assert (created.status, created.headers["Last-Event-Id"]) == (201, "2")
    assert (changed.status, changed.data) == (
        200,
        {**created.data, "completed": True, "updatedAt": changed.data["updatedAt"]},
    )
    assert listed.json == {"success": True, "data": [changed.data]}
    assert (deleted.status, deleted.json) == (200, {"success": True, "message": "Subtask deleted successfully"})
    assert (await app.get(path, token=account.token)).data == []


@pytest.mark.gen_test
async def test_reordering_answers_all_subtasks(app: RunningApp) -> None:
    account = await app.register()
    task_id = await add_task(app, account)
    a, b = [await add_subtask(app, account, task_id, title) for title in "ab"]

    answer = await app.post(
        f"/tasks/{task_id}/subtasks/reorder", json={"subtaskIds": [b["id"], UNKNOWN_ID]}, token=account.token
    )

    assert [(subtask["id"], subtask["position"]) for subtask in answer.data] == [(b["id"], 0), (a["id"], 1)]


@pytest.mark.gen_test
async def test_a_batch_answers_every_id(app: RunningApp) -> None:
    account, stranger = await app.register(), await app.register()
    mine, foreign = await add_task(app, account), await add_task(app, stranger)
    subtask = await add_subtask(app, account, mine)
    await add_subtask(app, stranger, foreign)
    asked = [mine.upper(), foreign, UNKNOWN_ID]

    answer = await app.post("/tasks/subtasks-batch", json={"taskIds": asked}, token=account.token)

    assert answer.data == {mine.upper(): [subtask], foreign: [], UNKNOWN_ID: []}


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("body", "field"),
    [({"taskIds": ["a"]}, "taskIds.0"), ({"taskIds": [UNKNOWN_ID] * 501}, "taskIds"), ({}, "taskIds")],
)
async def test_a_wrong_batch_is_refused(app: RunningApp, body: dict[str, Any], field: str) -> None:
    answer = await app.post("/tasks/subtasks-batch", json=body, token=(await app.register()).token)

    assert (answer.status, list(answer.error["errors"])) == (400, [field])


@pytest.mark.gen_test
async def test_subtasks_of_another_user_look_like_none(app: RunningApp) -> None:
    mine, stranger = await app.register(), await app.register()
    task_id = await add_task(app, stranger)
    subtask = await add_subtask(app, stranger, task_id)
    path = f"/tasks/{task_id}/subtasks"
    calls: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("POST", path, {"title": "Mine"}),
        ("PATCH", f"{path}/{subtask['id']}", {"title": "Mine"}),
        ("DELETE", f"{path}/{subtask['id']}", None),
        ("POST", f"{path}/reorder", {"subtaskIds": [subtask["id"]]}),
    ]

    for method, url, body in calls:
        answer = await app.fetch(method, url, json=body, token=mine.token)
        assert (answer.status, answer.error["message"]) == (404, "Task not found"), (method, url)
    assert (await app.get(path, token=stranger.token)).data == [subtask]


@pytest.mark.gen_test
async def test_keys_need_the_scope_of_the_route(app: RunningApp) -> None:
    account = await app.register()
    task_id = await add_task(app, account)
    subtask = await add_subtask(app, account, task_id)
    path = f"/tasks/{task_id}/subtasks"
    reader, writer = [await app.create_key(account, scope) for scope in ("tasks:read", "tasks:write")]
    reads: list[tuple[str, str, Any]] = [("GET", path, None), ("POST", "/tasks/subtasks-batch", {"taskIds": [task_id]})]
    writes = [
        ("POST", path, {"title": "Print"}),
        ("PATCH", f"{path}/{subtask['id']}", {"completed": True}),
        ("POST", f"{path}/reorder", {"subtaskIds": [subtask["id"]]}),
        ("DELETE", f"{path}/{subtask['id']}", None),
    ]

    for calls, key, other_key, scope in (
        (reads, reader, writer, "tasks:read"),
        (writes, writer, reader, "tasks:write"),
    ):
        for method, url, body in calls:
            refused = await app.fetch(method, url, json=body, key=other_key)
            assert (refused.status, scope in refused.error["message"]) == (403, True), (method, url)
            assert (await app.fetch(method, url, json=body, key=key)).status in (200, 201), (method, url)

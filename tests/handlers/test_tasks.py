"""Tasks over HTTP: statuses, headers, scopes. What the services do is tested with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app import Account, RunningApp

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


async def add_task(app: RunningApp, account: Account, **fields: Any) -> dict[str, Any]:
    task: dict[str, Any] = (await app.post("/tasks", json={"title": "Write", **fields}, token=account.token)).data
    return task


@pytest.mark.gen_test
async def test_a_task_is_created_read_changed_and_deleted(app: RunningApp) -> None:
    token = (await app.register()).token

    created = await app.post("/tasks", json={"title": "Write"}, token=token)
    path = f"/tasks/{created.data['id']}"
    changed = await app.patch(path, json={"title": "Read"}, token=token)
    read = await app.get(path, token=token)
    deleted = await app.delete(path, token=token)
    restored = await app.post(f"{path}/restore", token=token)

    assert (created.status, created.headers["ETag"], created.headers["Last-Event-Id"]) == (201, '"1"', "1")
    assert (changed.status, changed.headers["ETag"], changed.headers["Last-Event-Id"]) == (200, '"2"', "2")
    assert (read.data, read.headers["ETag"]) == (changed.data, '"2"')
    assert (deleted.status, deleted.json) == (200, {"success": True, "message": "Task deleted successfully"})
    assert (restored.status, restored.data["title"], restored.headers["ETag"]) == (200, "Read", '"4"')


@pytest.mark.gen_test
async def test_a_task_that_did_not_change_is_not_sent_again(app: RunningApp) -> None:
    account = await app.register()
    path = f"/tasks/{(await add_task(app, account))['id']}"
    fresh = {"If-None-Match": '"1"'}

    assert (await app.get(path, token=account.token, headers=fresh)).status == 304
    await app.post(f"{path}/subtasks", json={"title": "Draft"}, token=account.token)
    assert (await app.get(path, token=account.token, headers=fresh)).status == 200


@pytest.mark.gen_test
async def test_a_list_is_paged(app: RunningApp) -> None:
    account = await app.register()
    for title in "abc":
        await add_task(app, account, title=title)

    answer = await app.get("/tasks?page=2&limit=2&includeSubtasks=true", token=account.token)

    assert answer.json["meta"] == {"page": 2, "limit": 2, "total": 3, "totalPages": 2}
    assert [(task["title"], task["subtasks"]) for task in answer.data] == [("c", [])]


@pytest.mark.gen_test
async def test_an_empty_list_has_no_pages(app: RunningApp) -> None:
    answer = await app.get("/tasks?from=2026-11-23&to=2026-11-24&search=a", token=(await app.register()).token)

    assert answer.json == {"success": True, "data": [], "meta": {"page": 1, "limit": 50, "total": 0, "totalPages": 0}}


@pytest.mark.gen_test
@pytest.mark.parametrize("query", ["limit=1000", "limit=0", "page=0", "page=x", "date=2024-02-30", "search=%00"])
async def test_a_wrong_parameter_is_refused(app: RunningApp, query: str) -> None:
    answer = await app.get(f"/tasks?{query}", token=(await app.register()).token)

    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.error["errors"]) == [query.partition("=")[0]]


@pytest.mark.gen_test
async def test_all_wrong_fields_are_named_at_once(app: RunningApp) -> None:
    body = {"title": "", "estimatedMins": 481}

    answer = await app.post("/tasks", json=body, token=(await app.register()).token)

    assert answer.status == 400
    assert answer.error["message"] == "title: must not be empty; estimatedMins: at most 480"


@pytest.mark.gen_test
async def test_a_stale_if_match_is_refused_with_the_current_row(app: RunningApp) -> None:
    account = await app.register()
    path = f"/tasks/{(await add_task(app, account))['id']}"
    current = (await app.patch(path, json={"title": "Read"}, token=account.token)).data
    stale = {"If-Match": '"1"'}

    for refused in (
        await app.patch(path, json={"title": "Mine"}, token=account.token, headers=stale),
        await app.patch(path, json={"title": "Read"}, token=account.token, headers=stale),
        await app.delete(path, token=account.token, headers=stale),
    ):
        assert (refused.status, refused.error["code"]) == (412, "PRECONDITION_FAILED")
        assert refused.error["current"] == current

    matching = {"If-Match": '"2"'}
    assert (await app.patch(path, json={"title": "Mine"}, token=account.token, headers=matching)).status == 200
    assert (await app.delete(path, token=account.token, headers={"If-Match": '"3"'})).status == 200


@pytest.mark.gen_test
async def test_completing_is_idempotent(app: RunningApp) -> None:
    account = await app.register()
    path = f"/tasks/{(await add_task(app, account))['id']}"

    first, second = [await app.post(f"{path}/complete", token=account.token) for _ in range(2)]
    reopened, again = [await app.post(f"{path}/uncomplete", token=account.token) for _ in range(2)]

    assert first.data["completedAt"] is not None
    assert (second.data, second.headers["ETag"], second.headers["Last-Event-Id"]) == (first.data, '"2"', "2")
    assert reopened.data["completedAt"] is None
    assert (again.data, again.headers["ETag"], again.headers["Last-Event-Id"]) == (reopened.data, '"3"', "3")


@pytest.mark.gen_test
async def test_reordering_answers_the_whole_bucket(app: RunningApp) -> None:
    account = await app.register()
    a, b, c = [await add_task(app, account, title=title) for title in "abc"]
    body = {"date": "backlog", "taskIds": [c["id"], UNKNOWN_ID, a["id"]]}

    answer = await app.post("/tasks/reorder", json=body, token=account.token)

    assert [(task["id"], task["position"]) for task in answer.data] == [(c["id"], 0), (a["id"], 1), (b["id"], 2)]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "Mine"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
        ("POST", "/complete", None),
        ("POST", "/uncomplete", None),
    ],
)
async def test_another_users_task_looks_like_none(app: RunningApp, method: str, path: str, body: Any) -> None:
    mine, foreign = await app.register(), await add_task(app, await app.register())

    answers = [
        await app.fetch(method, f"/tasks/{task_id}{path}", json=body, token=mine.token)
        for task_id in (foreign["id"], UNKNOWN_ID)
    ]

    assert [answer.status for answer in answers] == [404, 404]
    assert (
        answers[0].error
        == answers[1].error
        == {
            "code": "NOT_FOUND_ERROR",
            "message": "Task not found",
            "statusCode": 404,
        }
    )
    malformed = await app.fetch(method, f"/tasks/not-an-id{path}", json=body, token=mine.token)
    assert (malformed.status, malformed.error["errors"]) == (400, {"id": ["must be a UUID"]})


@pytest.mark.gen_test
async def test_restoring_what_is_not_deleted_is_a_conflict(app: RunningApp) -> None:
    account = await app.register()
    task = await add_task(app, account)

    answer = await app.post(f"/tasks/{task['id']}/restore", token=account.token)

    assert (answer.status, answer.error["code"]) == (409, "CONFLICT_ERROR")


@pytest.mark.gen_test
async def test_keys_need_the_scope_of_the_route(app: RunningApp) -> None:
    account = await app.register()
    task = await add_task(app, account)
    path = f"/tasks/{task['id']}"
    reader, writer = [await app.create_key(account, scope) for scope in ("tasks:read", "tasks:write")]
    order = {"date": "backlog", "taskIds": [task["id"]]}
    reads: list[tuple[str, str, Any]] = [("GET", "/tasks", None), ("GET", path, None)]
    writes = [
        ("POST", "/tasks", {"title": "Read"}),
        ("PATCH", path, {"title": "Read"}),
        ("POST", f"{path}/complete", None),
        ("POST", f"{path}/uncomplete", None),
        ("POST", "/tasks/reorder", order),
        ("DELETE", path, None),
        ("POST", f"{path}/restore", None),
    ]

    for calls, key, other_key, scope in (
        (reads, reader, writer, "tasks:read"),
        (writes, writer, reader, "tasks:write"),
    ):
        for method, url, body in calls:
            refused = await app.fetch(method, url, json=body, key=other_key)
            assert (refused.status, scope in refused.error["message"]) == (403, True), (method, url)
            assert (await app.fetch(method, url, json=body, key=key)).status in (200, 201), (method, url)

"""The routes of time blocks: who may, statuses, headers and shapes. What they do is tested with the services."""

from __future__ import annotations

from typing import Any

import pytest
from tornado.ioloop import IOLoop

from tests.app import Account, RunningApp

TODAY = "2026-11-23"
BLOCK = {"title": "Write", "date": TODAY, "startTime": "09:00", "endTime": "10:00"}
NOBODYS = "6f1c1f0d-51b5-4a37-9f3f-0d5ad3a8a0ff"


@pytest.fixture
def account(io_loop: IOLoop, app: RunningApp) -> Account:
    return io_loop.run_sync(app.register)


async def add_block(app: RunningApp, account: Account, **fields: Any) -> dict[str, Any]:
    block: dict[str, Any] = (await app.post("/time-blocks", json=BLOCK | fields, token=account.token)).data
    return block


async def add_task(app: RunningApp, account: Account, **fields: Any) -> dict[str, Any]:
    task: dict[str, Any] = (await app.post("/tasks", json={"title": "Report", **fields}, token=account.token)).data
    return task


@pytest.mark.gen_test
async def test_a_block_is_created_read_changed_and_deleted(app: RunningApp, account: Account) -> None:
    created = await app.post("/time-blocks", json=BLOCK, token=account.token)
    path = f"/time-blocks/{created.data['id']}"
    assert (created.status, created.headers["ETag"], created.headers["Last-Event-Id"]) == (201, '"1"', "1")

    read = await app.get(path, token=account.token)
    assert (read.data, read.headers["ETag"], read.headers["Last-Event-Id"]) == (created.data, '"1"', "1")

    changed = await app.patch(path, json={"endTime": "11:00"}, token=account.token)
    assert (changed.status, changed.headers["ETag"], changed.headers["Last-Event-Id"]) == (200, '"2"', "2")
    assert changed.data["durationMins"] == 120

    deleted = await app.delete(path, token=account.token)
    assert deleted.json == {"success": True, "message": "Time block deleted successfully"}
    assert (await app.get(path, token=account.token)).status == 404

    restored = await app.post(path + "/restore", token=account.token)
    assert (restored.status, restored.headers["ETag"], restored.data["version"]) == (200, '"4"', 4)


@pytest.mark.gen_test
async def test_the_tag_names_the_version_of_the_task_too(app: RunningApp, account: Account) -> None:
    task = await add_task(app, account)
    block = await add_block(app, account, taskId=task["id"])
    path = f"/time-blocks/{block['id']}"
    assert (await app.get(path, token=account.token)).headers["ETag"] == '"1-1"'

    await app.patch(f"/tasks/{task['id']}", json={"title": "Essay"}, token=account.token)

    fresh = await app.get(path, token=account.token, headers={"If-None-Match": '"1-1"'})
    assert (fresh.status, fresh.headers["ETag"], fresh.data["task"]["title"]) == (200, '"1-2"', "Essay")
    known = await app.get(path, token=account.token, headers={"If-None-Match": '"1-2"'})
    assert (known.status, known.body) == (304, b"")


@pytest.mark.gen_test
async def test_a_stale_version_is_refused_with_the_row_as_it_stands(app: RunningApp, account: Account) -> None:
    task = await add_task(app, account)
    block = await add_block(app, account, taskId=task["id"])
    path = f"/time-blocks/{block['id']}"
    first = {"If-Match": '"1-1"'}
    assert (await app.patch(path, json={"title": "Read"}, token=account.token, headers=first)).status == 200
    current = (await app.get(path, token=account.token)).data

    resize = {"startTime": "09:00", "endTime": "09:30"}
    for refused in (
        await app.patch(path, json={"title": "Read"}, token=account.token, headers=first),
        await app.delete(path, token=account.token, headers=first),
        await app.patch(path + "/cascade-resize", json=resize, token=account.token, headers=first),
        await app.delete(path, token=account.token, headers={"If-Match": '"99999999999"'}),
    ):
        assert (refused.status, refused.error["code"]) == (412, "PRECONDITION_FAILED")
        assert refused.error["current"] == current
    assert (await app.get(path, token=account.token)).data == current


@pytest.mark.gen_test
async def test_a_list_says_how_much_there_is(app: RunningApp, account: Account) -> None:
    empty = await app.get("/time-blocks", token=account.token)
    assert (empty.json["data"], empty.json["meta"]) == ([], {"page": 1, "limit": 50, "total": 0, "totalPages": 0})

    blocks = [await add_block(app, account), await add_block(app, account, startTime="09:30")]
    day = await app.get(f"/time-blocks?date={TODAY}", token=account.token)
    assert day.json == {
        "success": True,
        "data": blocks,
        "meta": {"page": 1, "limit": 500, "total": 2, "totalPages": 1},
    }
    page = await app.get(f"/time-blocks?from={TODAY}&page=2&limit=1", token=account.token)
    assert (page.data, page.json["meta"]) == ([blocks[1]], {"page": 2, "limit": 1, "total": 2, "totalPages": 2})


@pytest.mark.gen_test
async def test_an_instant_with_an_offset_is_taken_from_the_query(app: RunningApp, account: Account) -> None:
    block = await add_block(app, account)

    answer = await app.get("/time-blocks?startTimeFrom=2026-11-23T10:00:00%2B01:00", token=account.token)

    assert answer.data == [block]


@pytest.mark.gen_test
async def test_a_task_is_scheduled(app: RunningApp, account: Account) -> None:
    task = await add_task(app, account, scheduledDate=TODAY)

    quick = {"taskId": task["id"], "date": TODAY, "startTime": "9:00"}
    first = await app.post("/time-blocks/quick-schedule", json=quick, token=account.token)
    body = {"taskId": task["id"], "currentTime": "08:00"}
    second = await app.post("/time-blocks/auto-schedule", json=body, token=account.token)

    assert [(answer.status, answer.headers["ETag"]) for answer in (first, second)] == [(201, '"1-1"'), (201, '"1-1"')]
    assert [answer.data["startTime"] for answer in (first, second)] == ["09:00", "09:30"]
    await add_block(app, account, startTime="00:00", endTime="24:00")
    full = await app.post("/time-blocks/auto-schedule", json=body, token=account.token)
    assert (full.status, full.error["code"]) == (409, "CONFLICT_ERROR")


@pytest.mark.gen_test
async def test_a_resize_answers_all_blocks_that_changed(app: RunningApp, account: Account) -> None:
    first, second = await add_block(app, account), await add_block(app, account, startTime="10:00", endTime="11:00")

    body = {"startTime": "09:00", "endTime": "10:30"}
    answer = await app.patch(f"/time-blocks/{first['id']}/cascade-resize", json=body, token=account.token)

    assert [(block["id"], block["startTime"]) for block in answer.data] == [
        (first["id"], "09:00"),
        (second["id"], "10:30"),
    ]
    assert answer.headers["Last-Event-Id"] == "4"


@pytest.mark.gen_test
async def test_a_wrong_body_names_its_fields(app: RunningApp, account: Account) -> None:
    answer = await app.post("/time-blocks", json=BLOCK | {"title": "", "startTime": "24:00"}, token=account.token)

    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert answer.error["errors"] == {"title": ["must not be empty"], "startTime": ["must be before 24:00"]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/time-blocks/{id}", None),
        ("PATCH", "/time-blocks/{id}", {"title": "Read"}),
        ("DELETE", "/time-blocks/{id}", None),
        ("POST", "/time-blocks/{id}/restore", None),
        ("PATCH", "/time-blocks/{id}/cascade-resize", {"startTime": "09:00", "endTime": "10:00"}),
    ],
)
@pytest.mark.gen_test
async def test_an_unknown_id_is_not_found_and_a_malformed_one_is_refused(
    app: RunningApp, account: Account, method: str, path: str, body: Any
) -> None:
    unknown = await app.fetch(method, path.format(id=NOBODYS), json=body, token=account.token)
    malformed = await app.fetch(method, path.format(id="7"), json=body, token=account.token)

    assert (unknown.status, unknown.error["message"]) == (404, "Time block not found")
    assert (malformed.status, malformed.error["errors"]) == (400, {"id": ["must be a UUID"]})


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/time-blocks", "time-blocks:read"),
        ("POST", "/time-blocks", "time-blocks:write"),
        ("POST", "/time-blocks/quick-schedule", "time-blocks:write"),
        ("POST", "/time-blocks/auto-schedule", "time-blocks:write"),
        ("GET", f"/time-blocks/{NOBODYS}", "time-blocks:read"),
        ("PATCH", f"/time-blocks/{NOBODYS}", "time-blocks:write"),
        ("DELETE", f"/time-blocks/{NOBODYS}", "time-blocks:write"),
        ("POST", f"/time-blocks/{NOBODYS}/restore", "time-blocks:write"),
        ("PATCH", f"/time-blocks/{NOBODYS}/cascade-resize", "time-blocks:write"),
    ],
)
@pytest.mark.gen_test
async def test_a_key_needs_the_scope(app: RunningApp, account: Account, method: str, path: str, scope: str) -> None:
    all_scopes = {"tasks:read", "tasks:write", "time-blocks:read", "time-blocks:write", "user:read", "user:write"}
    without = await app.create_key(account, *sorted(all_scopes - {scope}))
    with_scope = await app.create_key(account, scope)

    refused = await app.fetch(method, path, json={}, key=without)
    passed = await app.fetch(method, path, json={}, key=with_scope)

    assert (refused.status, refused.error["message"]) == (403, f"This API key lacks the scope {scope}")
    assert passed.status in {200, 400, 404}
    assert (await app.fetch(method, path)).status == 401

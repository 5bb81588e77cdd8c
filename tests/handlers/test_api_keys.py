"""The routes that manage API keys, and what a change of a key means to its next request."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tornado.ioloop import IOLoop

from tests.app import UNSTORED, Account, RunningApp

pytestmark = pytest.mark.sqlite_suffices


@pytest.fixture
def account(io_loop: IOLoop, app: RunningApp) -> Account:
    return io_loop.run_sync(app.register)


async def add_key(app: RunningApp, account: Account, **fields: Any) -> dict[str, Any]:
    """What POST answers."""
    created: dict[str, Any] = (await app.post("/api-keys", json={"name": "Agent"} | fields, token=account.token)).data
    return created


@pytest.mark.gen_test
async def test_a_key_is_created_read_changed_and_deleted(app: RunningApp, account: Account) -> None:
    created = await app.post("/api-keys", json={"name": "Agent"}, token=account.token)
    assert (created.status, created.headers["Cache-Control"]) == (201, UNSTORED)
    api_key = created.data["apiKey"]
    assert (api_key["userId"], api_key["scopes"]) == (account.id, ["tasks:read", "time-blocks:read"])
    path = f"/api-keys/{api_key['id']}"

    listed = await app.get("/api-keys", token=account.token)
    assert (listed.data, "meta" in listed.json) == ([api_key], False)
    assert (await app.get(path, token=account.token)).data == api_key
    assert created.data["key"] not in listed.body.decode()

    changed = (await app.patch(path, json={"name": "Robot"}, token=account.token)).data
    assert changed == api_key | {"name": "Robot", "updatedAt": changed["updatedAt"]}

    deleted = await app.delete(path, token=account.token)
    assert deleted.json == {"success": True, "message": "API key deleted successfully"}
    assert (await app.get(path, token=account.token)).status == 404


@pytest.mark.gen_test
@pytest.mark.parametrize("change", [{"isActive": False}, {"expiresAt": "2020-01-01"}, None], ids=str)
async def test_an_ended_key_is_refused_at_once(
    app: RunningApp, account: Account, change: dict[str, Any] | None
) -> None:
    created = await add_key(app, account)
    path = f"/api-keys/{created['apiKey']['id']}"
    assert (await app.get("/auth/me", key=created["key"])).status == 200
    if change is None:
        await app.delete(path, token=account.token)
    else:
        await app.patch(path, json=change, token=account.token)
    assert (await app.get("/auth/me", key=created["key"])).status == 401


@pytest.mark.gen_test
async def test_a_key_works_again_when_it_is_activated_again(app: RunningApp, account: Account) -> None:
    created = await add_key(app, account)
    path = f"/api-keys/{created['apiKey']['id']}"
    for is_active, status in ((False, 401), (True, 200)):
        await app.patch(path, json={"isActive": is_active}, token=account.token)
        assert (await app.get("/auth/me", key=created["key"])).status == status


@pytest.mark.gen_test
async def test_new_scopes_count_at_once(app: RunningApp, account: Account) -> None:
    created = await add_key(app, account, scopes=["user:read"])
    refused = await app.patch("/auth/me", json={"name": "Ada"}, key=created["key"])
    assert (refused.status, "user:write" in refused.error["message"]) == (403, True)
    path = f"/api-keys/{created['apiKey']['id']}"
    await app.patch(path, json={"scopes": ["user:write"]}, token=account.token)
    assert (await app.patch("/auth/me", json={"name": "Ada"}, key=created["key"])).status == 200


@pytest.mark.gen_test
async def test_a_key_works_as_a_bearer_token_too(app: RunningApp, account: Account) -> None:
    created = await add_key(app, account)
    assert (await app.get("/auth/me", token=created["key"])).data["id"] == account.id


@pytest.mark.gen_test
async def test_an_unknown_key_is_not_found_and_a_malformed_id_is_wrong(app: RunningApp, account: Account) -> None:
    stranger = await app.register()
    strangers = (await add_key(app, stranger))["apiKey"]
    for unknown in (str(uuid4()), strangers["id"]):
        for method in ("GET", "PATCH", "DELETE"):
            assert (await app.fetch(method, f"/api-keys/{unknown}", token=account.token)).status == 404
    malformed = await app.get("/api-keys/1", token=account.token)
    assert (malformed.status, malformed.error["errors"]) == (400, {"id": ["must be a UUID"]})


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api-keys"),
        ("POST", "/api-keys"),
        ("GET", f"/api-keys/{uuid4()}"),
        ("PATCH", f"/api-keys/{uuid4()}"),
        ("DELETE", f"/api-keys/{uuid4()}"),
    ],
)
async def test_keys_do_not_manage_keys(app: RunningApp, account: Account, method: str, path: str) -> None:
    key = await app.create_key(account, "user:read", "user:write")
    answer = await app.fetch(method, path, key=key)
    assert (answer.status, answer.error["code"]) == (403, "AUTHORIZATION_ERROR")

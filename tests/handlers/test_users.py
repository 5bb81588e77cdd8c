"""The routes of accounts and profiles: who may, statuses, headers and shapes. The services have tests of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jwt
import pytest
from tornado.ioloop import IOLoop

from tests.app import PASSWORD, SECRET, UNSTORED, Account, RunningApp, given_settings

EMAIL = "ada@example.org"
NEW_PASSWORD = "Battery-Staple-8"


@pytest.fixture
def account(io_loop: IOLoop, app: RunningApp) -> Account:
    return io_loop.run_sync(lambda: app.register(EMAIL))


async def log_in(app: RunningApp, email: str = EMAIL, password: str = PASSWORD) -> str:
    """The token of one more session."""
    token: str = (await app.post("/auth/login", json={"email": email, "password": password})).data["token"]
    return token


@pytest.mark.gen_test
async def test_who_registers_gets_the_user_and_a_token(app: RunningApp) -> None:
    body = {"email": " Ada@Example.org ", "password": PASSWORD, "name": "Ada"}
    answer = await app.post("/auth/register", json=body)
    assert (answer.status, answer.headers["Cache-Control"]) == (201, UNSTORED)
    user = answer.data["user"]
    assert user == {
        "id": user["id"],
        "email": EMAIL,
        "name": "Ada",
        "avatarUrl": None,
        "timezone": "UTC",
        "preferences": None,
        "createdAt": user["createdAt"],
        "updatedAt": user["createdAt"],
    }
    claims = jwt.decode(answer.data["token"], SECRET, algorithms=["HS256"])
    assert (claims["userId"], claims["sub"], claims["exp"] - claims["iat"]) == (user["id"], user["id"], 7 * 86400)
    assert (await app.get("/auth/me", token=answer.data["token"])).data == user


@pytest.mark.gen_test
async def test_a_taken_email_is_a_conflict(app: RunningApp, account: Account) -> None:
    answer = await app.post("/auth/register", json={"email": EMAIL.upper(), "password": PASSWORD})
    assert (answer.status, answer.error["code"]) == (409, "CONFLICT_ERROR")


@pytest.mark.gen_test
async def test_all_wrong_fields_are_named_for_people(app: RunningApp) -> None:
    answer = await app.post("/auth/register", json={"email": "ada", "password": "short"})
    assert answer.status == 400
    assert answer.error == {
        "code": "VALIDATION_ERROR",
        "message": "email: must be an email address; password: at least 8 characters",
        "statusCode": 400,
        "errors": {"email": ["must be an email address"], "password": ["at least 8 characters"]},
    }


@pytest.mark.gen_test
async def test_registration_can_be_closed(tmp_path: Path, database_url: str) -> None:
    app = RunningApp(given_settings(tmp_path, database_url=database_url, registration="closed"))
    await app.start()
    answer = await app.post("/auth/register", json={"email": EMAIL, "password": PASSWORD})
    assert (answer.status, answer.error["code"]) == (403, "AUTHORIZATION_ERROR")
    await app.close()


@pytest.mark.gen_test
async def test_who_logs_in_gets_the_user_and_a_token(app: RunningApp, account: Account) -> None:
    answer = await app.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
    assert (answer.status, answer.headers["Cache-Control"]) == (200, UNSTORED)
    assert (await app.get("/auth/me", token=answer.data["token"])).data == answer.data["user"]


@pytest.mark.gen_test
async def test_a_wrong_password_and_an_unknown_email_answer_alike(app: RunningApp, account: Account) -> None:
    wrong_password = await app.post("/auth/login", json={"email": EMAIL, "password": "wrong"})
    unknown_email = await app.post("/auth/login", json={"email": "grace@example.org", "password": PASSWORD})
    assert (wrong_password.status, wrong_password.body) == (401, unknown_email.body)


@pytest.mark.gen_test
async def test_a_refreshed_token_is_good_and_so_is_the_old_one(app: RunningApp, account: Account) -> None:
    answer = await app.post("/auth/refresh", token=account.token)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, UNSTORED)
    assert answer.data["user"]["id"] == account.id
    old, new = [_claims(token) for token in (account.token, answer.data["token"])]
    assert (new["sid"], new["exp"] >= old["exp"]) == (old["sid"], True)
    for token in (account.token, answer.data["token"]):
        assert (await app.get("/auth/me", token=token)).status == 200


@pytest.mark.gen_test
async def test_a_profile_is_read_with_any_key(app: RunningApp, account: Account) -> None:
    key = await app.create_key(account)
    assert (await app.get("/auth/me", key=key)).data == (await app.get("/auth/me", token=account.token)).data


@pytest.mark.gen_test
async def test_a_profile_is_changed_with_an_event(app: RunningApp, account: Account) -> None:
    answer = await app.patch("/auth/me", json={"name": "Ada", "preferences": {"homeTab": "board"}}, token=account.token)
    assert (answer.status, answer.headers["Last-Event-Id"]) == (200, "1")
    assert answer.data["name"] == "Ada"
    assert answer.data["preferences"] == {
        "themeMode": "system",
        "colorTheme": "default",
        "fontFamily": "geist",
        "homeTab": "board",
    }
    again = await app.patch("/auth/me", json={"name": "Ada"}, token=account.token)
    assert (again.data, again.headers["Last-Event-Id"]) == (answer.data, "1")


@pytest.mark.gen_test
async def test_a_key_changes_the_profile_when_it_has_the_scope(app: RunningApp, account: Account) -> None:
    reader, writer = [await app.create_key(account, scope) for scope in ("user:read", "user:write")]
    refused = await app.patch("/auth/me", json={"name": "Ada"}, key=reader)
    assert (refused.status, refused.error["message"]) == (403, "This API key lacks the scope user:write")
    assert (await app.patch("/auth/me", json={"name": "Ada"}, key=writer)).data["name"] == "Ada"


@pytest.mark.gen_test
async def test_a_changed_password_ends_all_other_sessions_at_once(app: RunningApp, account: Account) -> None:
    other = await log_in(app)
    assert (await app.get("/auth/me", token=other)).status == 200
    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    answer = await app.post("/auth/change-password", json=body, token=account.token)
    assert answer.json == {"success": True, "message": "Password changed successfully"}
    assert (await app.get("/auth/me", token=other)).status == 401
    assert (await app.get("/auth/me", token=account.token)).status == 200
    await log_in(app, password=NEW_PASSWORD)


@pytest.mark.gen_test
async def test_a_wrong_current_password_is_an_error_of_its_field(app: RunningApp, account: Account) -> None:
    body = {"currentPassword": "wrong", "newPassword": NEW_PASSWORD}
    answer = await app.post("/auth/change-password", json=body, token=account.token)
    assert (answer.status, answer.error["errors"]) == (400, {"currentPassword": ["is wrong"]})


@pytest.mark.gen_test
async def test_a_deleted_account_is_gone_at_once_with_its_credentials(app: RunningApp, account: Account) -> None:
    key = await app.create_key(account, "tasks:read")
    assert (await app.get("/auth/me", key=key)).status == 200
    refused = await app.delete("/auth/me", json={"password": "wrong"}, token=account.token)
    assert (refused.status, refused.error["errors"]) == (400, {"password": ["is wrong"]})
    answer = await app.delete("/auth/me", json={"password": PASSWORD}, token=account.token)
    assert answer.json == {"success": True, "message": "Account deleted successfully"}
    assert (await app.get("/auth/me", token=account.token)).status == 401
    assert (await app.get("/auth/me", key=key)).status == 401
    await app.register(EMAIL)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/auth/refresh"), ("POST", "/auth/change-password"), ("DELETE", "/auth/me")],
)
async def test_a_key_is_refused_where_a_person_must_be_logged_in(
    app: RunningApp, account: Account, method: str, path: str
) -> None:
    key = await app.create_key(account, "user:read", "user:write")
    answer = await app.fetch(method, path, key=key)
    assert (answer.status, answer.error["code"]) == (403, "AUTHORIZATION_ERROR")


@pytest.mark.gen_test
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer null"}, {"X-API-Key": "os_bad"}])
async def test_nobody_gets_in_without_a_good_credential(app: RunningApp, headers: dict[str, str]) -> None:
    answer = await app.get("/auth/me", headers=headers)
    assert (answer.status, answer.error["code"]) == (401, "AUTHENTICATION_ERROR")


@pytest.mark.gen_test
async def test_an_account_goes_through_its_whole_life(app: RunningApp) -> None:
    account = await app.register()
    other = await log_in(app, account.email)
    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    await app.patch("/auth/me", json={"timezone": "Asia/Tokyo"}, token=account.token)
    await app.post("/auth/change-password", json=body, token=account.token)
    assert (await app.get("/auth/me", token=other)).status == 401
    refreshed = (await app.post("/auth/refresh", token=account.token)).data
    assert refreshed["user"]["timezone"] == "Asia/Tokyo"
    gone = await app.delete("/auth/me", json={"password": NEW_PASSWORD}, token=refreshed["token"])
    assert gone.status == 200


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, SECRET, algorithms=["HS256"])
    return claims

"""The routes of login sessions."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tornado.ioloop import IOLoop

from tests.app import PASSWORD, Account, RunningApp

pytestmark = pytest.mark.sqlite_suffices

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def account(io_loop: IOLoop, app: RunningApp) -> Account:
    return io_loop.run_sync(app.register)


async def log_in(app: RunningApp, account: Account) -> str:
    """The token of one more session, begun with Firefox."""
    body = {"email": account.email, "password": PASSWORD}
    token: str = (await app.post("/auth/login", json=body, headers=FIREFOX)).data["token"]
    return token


@pytest.mark.gen_test
async def test_sessions_are_listed_whole_and_named(app: RunningApp, account: Account) -> None:
    token = await log_in(app, account)
    answer = await app.get("/auth/sessions", token=token)
    assert "meta" not in answer.json
    firefox = next(session for session in answer.data if session["current"])
    assert firefox["name"] == "Firefox on Linux"
    assert sorted(firefox) == ["createdAt", "current", "expiresAt", "id", "lastUsedAt", "name"]
    assert len(answer.data) == 2


@pytest.mark.gen_test
async def test_another_session_is_logged_out_at_once(app: RunningApp, account: Account) -> None:
    other = await log_in(app, account)
    assert (await app.get("/auth/me", token=other)).status == 200
    listed = (await app.get("/auth/sessions", token=account.token)).data
    (other_id,) = [session["id"] for session in listed if not session["current"]]
    answer = await app.delete(f"/auth/sessions/{other_id}", token=account.token)
    assert answer.json == {"success": True, "message": "Session ended successfully"}
    assert (await app.get("/auth/me", token=other)).status == 401
    assert (await app.get("/auth/me", token=account.token)).status == 200


@pytest.mark.gen_test
async def test_logging_out_ends_this_session_alone(app: RunningApp, account: Account) -> None:
    other = await log_in(app, account)
    answer = await app.post("/auth/logout", token=account.token)
    assert answer.json == {"success": True, "message": "Logged out successfully"}
    assert (await app.get("/auth/me", token=account.token)).status == 401
    assert (await app.get("/auth/me", token=other)).status == 200


@pytest.mark.gen_test
async def test_an_unknown_session_is_not_found_and_a_malformed_id_is_wrong(app: RunningApp, account: Account) -> None:
    stranger = await app.register()
    (strangers,) = (await app.get("/auth/sessions", token=stranger.token)).data
    for unknown in (str(uuid4()), strangers["id"]):
        assert (await app.delete(f"/auth/sessions/{unknown}", token=account.token)).status == 404
    malformed = await app.delete("/auth/sessions/1", token=account.token)
    assert (malformed.status, malformed.error["errors"]) == (400, {"id": ["must be a UUID"]})


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/auth/sessions"), ("DELETE", f"/auth/sessions/{uuid4()}"), ("POST", "/auth/logout")],
)
async def test_keys_know_nothing_of_sessions(app: RunningApp, account: Account, method: str, path: str) -> None:
    key = await app.create_key(account, "user:read", "user:write")
    assert (await app.fetch(method, path, key=key)).status == 403

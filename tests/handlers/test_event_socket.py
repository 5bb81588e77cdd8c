"""`/ws` of the running application: who gets in, what is refused, and what a tab and an agent live through there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop
from websockets.exceptions import InvalidStatus

from tests.app import Account, Answer, RunningApp, given_settings
from tests.web_socket import WebSocket, web_socket

pytestmark = pytest.mark.sqlite_suffices


@pytest.fixture
def run_app(io_loop: IOLoop, tmp_path: Path, database_url: str) -> Iterator[Callable[..., Awaitable[RunningApp]]]:
    apps: list[RunningApp] = []

    async def run(**settings: Any) -> RunningApp:
        app = RunningApp(given_settings(tmp_path, **{"database_url": database_url} | settings))
        await app.start()
        apps.append(app)
        return app

    yield run
    for app in apps:
        io_loop.run_sync(app.close)


@pytest.fixture
def app(io_loop: IOLoop, run_app: Callable[..., Awaitable[RunningApp]]) -> RunningApp:
    return io_loop.run_sync(run_app)


@pytest.fixture
def account(io_loop: IOLoop, app: RunningApp) -> Account:
    return io_loop.run_sync(app.register)


async def create_task(app: RunningApp, account: Account, **headers: str) -> Answer:
    answer = await app.post("/tasks", json={"title": "t"}, token=account.token, headers=headers)
    assert answer.status == 201
    return answer


async def refused(app: RunningApp, **options: Any) -> tuple[int, dict[str, Any]]:
    """Status and error of an upgrade that is refused."""
    with pytest.raises(InvalidStatus) as refusal:
        async with web_socket(app.url, **options):
            pass
    body = json.loads(refusal.value.response.body or b"{}")
    assert body["success"] is False
    return refusal.value.response.status_code, body["error"] | {"headers": refusal.value.response.headers}


# Credentials


@pytest.mark.gen_test
async def test_a_token_in_the_query_is_greeted(app: RunningApp, account: Account) -> None:
    async with web_socket(app.url, token=account.token) as tab:
        connected = await tab.hear()
    assert connected["type"] == "connected"
    assert connected["payload"]["userId"] == account.id
    assert connected["payload"]["lastEventId"] == 0
    assert connected["payload"]["recovered"] is False
    assert tab.connection.subprotocol is None


@pytest.mark.gen_test
async def test_a_bearer_among_the_subprotocols_is_greeted_and_realtime_v1_selected(
    app: RunningApp, account: Account
) -> None:
    async with web_socket(app.url, bearer=account.token) as tab:
        assert (await tab.hear())["payload"]["userId"] == account.id
        assert tab.connection.subprotocol == "realtime.v1"
        assert account.token not in str(tab.connection.response and tab.connection.response.headers)


@pytest.mark.gen_test
async def test_headers_are_the_agents_way(app: RunningApp, account: Account) -> None:
    key = await app.create_key(account, "tasks:read")
    for headers in (
        {"Authorization": f"Bearer {account.token}"},
        {"Authorization": f"Bearer {key}"},
        {"X-API-Key": key},
    ):
        async with web_socket(app.url, headers=headers) as agent:
            assert (await agent.hear())["payload"]["userId"] == account.id


@pytest.mark.gen_test
@pytest.mark.parametrize("how", ["nothing", "token", "empty token", "no UTF-8", "bearer", "key", "long token"])
async def test_a_bad_credential_is_accepted_then_closed_for_good(app: RunningApp, how: str) -> None:
    options: dict[str, Any] = {
        "nothing": {},
        "token": {"token": "bad"},
        "empty token": {"token": ""},
        "no UTF-8": {"token": b"\xff"},
        "bearer": {"bearer": "bad"},
        "key": {"headers": {"X-API-Key": "os_" + "0" * 32}},
        "long token": {"token": "x" * 5000},
    }[how]
    async with web_socket(app.url, **options) as tab:
        code, reason = await tab.closed()
    assert code == 4001
    assert reason


@pytest.mark.gen_test
async def test_a_bad_credential_is_not_covered_up_by_a_second(app: RunningApp, account: Account) -> None:
    key = await app.create_key(account, "tasks:read")
    for options in (
        {"token": "bad", "headers": {"X-API-Key": key}},
        {"token": "bad", "bearer": account.token},
        {"bearer": "bad", "headers": {"Authorization": f"Bearer {account.token}"}},
    ):
        async with web_socket(app.url, **options) as tab:
            assert (await tab.closed())[0] == 4001


@pytest.mark.gen_test
async def test_a_key_is_no_token(app: RunningApp, account: Account) -> None:
    key = await app.create_key(account, "tasks:read")
    for options in ({"token": key}, {"bearer": key}):
        async with web_socket(app.url, **options) as tab:
            assert (await tab.closed())[0] == 4001


@pytest.mark.gen_test
async def test_too_many_bad_credentials_of_one_address_are_refused_before_the_upgrade(app: RunningApp) -> None:
    for _ in range(20):
        async with web_socket(app.url, token="bad") as tab:
            assert (await tab.closed())[0] == 4001
    status, error = await refused(app, token="bad")
    assert (status, error["code"]) == (429, "RATE_LIMITED")
    assert int(error["headers"]["Retry-After"]) >= 1


# Origins


@pytest.mark.gen_test
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:3000.evil"])
async def test_a_page_of_a_foreign_origin_is_refused_before_the_upgrade(
    app: RunningApp, account: Account, origin: str
) -> None:
    status, error = await refused(app, token=account.token, origin=origin)
    assert (status, error["code"]) == (403, "AUTHORIZATION_ERROR")


@pytest.mark.gen_test
async def test_a_page_of_the_servers_own_or_of_a_listed_origin_is_let_in(app: RunningApp, account: Account) -> None:
    for origin in (app.url, "http://localhost:3000"):
        async with web_socket(app.url, token=account.token, origin=origin) as tab:
            assert (await tab.hear())["type"] == "connected"


@pytest.mark.gen_test
async def test_a_forwarded_host_does_not_make_a_foreign_origin_the_servers_own(
    app: RunningApp, account: Account
) -> None:
    forged = {"X-Forwarded-Host": "evil.example"}
    assert (await refused(app, token=account.token, origin="https://evil.example", headers=forged))[0] == 403


# What is no upgrade


@pytest.mark.gen_test
async def test_a_request_without_an_upgrade_is_answered_in_the_envelope(app: RunningApp, account: Account) -> None:
    answer = await app.get("/ws", token=account.token)
    assert (answer.status, answer.error["code"]) == (400, "BAD_REQUEST")
    assert answer.error["message"]


@pytest.mark.gen_test
async def test_other_methods_are_not_allowed(app: RunningApp, account: Account) -> None:
    answer = await app.post("/ws", json={}, token=account.token)
    assert (answer.status, answer.error["code"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.gen_test
@pytest.mark.expected_logs("realtime is off")
async def test_without_redis_realtime_is_off_and_says_so(run_app: Callable[..., Awaitable[RunningApp]]) -> None:
    app = await run_app(redis_url=None)
    account = await app.register()
    status, error = await refused(app, token=account.token)
    assert (status, error["code"], error["headers"]["Retry-After"]) == (503, "SERVICE_UNAVAILABLE", "60")
    assert "REDIS_URL" in error["message"]


# What it is for


@pytest.mark.gen_test
async def test_a_write_reaches_all_tabs_with_its_author_and_its_origin(app: RunningApp, account: Account) -> None:
    async with web_socket(app.url, token=account.token) as one, web_socket(app.url, bearer=account.token) as other:
        mine = (await one.hear())["payload"]["connectionId"]
        await other.hear()
        answer = await create_task(app, account, **{"X-Connection-Id": mine})
        event, same = await one.hear(), await other.hear()
        assert event == same
        assert event["type"] == "task:created"
        assert event["payload"] == {"taskId": answer.data["id"], "scheduledDate": None, "version": 1}
        assert (event["id"], event["epoch"]) == (1, answer.headers["Event-Epoch"])
        assert answer.headers["Last-Event-Id"] == "1"
        assert event["origin"] == mine
        assert event["actor"]["kind"] == "session"
        assert event["actor"]["name"]


@pytest.mark.gen_test
async def test_strangers_hear_nothing(app: RunningApp, account: Account) -> None:
    other = await app.register()
    async with web_socket(app.url, token=other.token) as stranger:
        await stranger.hear()
        await create_task(app, account)
        mine = await create_task(app, other)
        assert (await stranger.hear())["payload"]["taskId"] == mine.data["id"]


@pytest.mark.gen_test
async def test_who_comes_back_gets_what_it_missed_and_then_lives_on(app: RunningApp, account: Account) -> None:
    async with web_socket(app.url, token=account.token) as tab:
        await tab.hear()
        for _ in range(2):
            await create_task(app, account)
        await tab.hear_until(2)
    for _ in range(3):
        await create_task(app, account)
    async with web_socket(app.url, token=account.token, since=2, epoch=tab.epoch) as tab:
        connected = await tab.hear()
        assert connected["payload"]["recovered"] is True
        assert connected["payload"]["lastEventId"] == 2
        await create_task(app, account)
        assert await tab.hear_until(6) == [3, 4, 5, 6]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("since", "with_epoch"),
    [
        ("0", False),
        ("x", True),
        ("-1", True),
        ("1.0", True),
        ("٣", True),
        ("", True),
        ("9" * 25, True),
        ("2", True),
        (b"\xff", True),
    ],
)
async def test_what_is_no_position_that_the_log_covers_is_not_recovered(
    app: RunningApp, account: Account, since: str | bytes, with_epoch: bool
) -> None:
    epoch = (await create_task(app, account)).headers["Event-Epoch"]
    async with web_socket(app.url, token=account.token, since=since, epoch=epoch if with_epoch else None) as tab:
        connected = await tab.hear()
        assert connected["payload"]["recovered"] is False
        assert connected["payload"]["lastEventId"] == 1
        await create_task(app, account)
        assert await tab.hear_until(2) == [2]


@pytest.mark.gen_test
async def test_a_key_hears_its_families_and_no_browsers_name(app: RunningApp, account: Account) -> None:
    key = await app.create_key(account, "tasks:read")
    async with web_socket(app.url, headers={"X-API-Key": key}) as agent:
        await agent.hear()
        renamed = await app.patch("/auth/me", json={"name": "New"}, token=account.token)
        assert renamed.status == 200
        await create_task(app, account)
        event = await agent.hear()
        assert (event["type"], event["id"]) == ("task:created", 2)
        assert event["actor"]["name"] is None
        await agent.say({"type": "ping"})
        assert (await agent.hear())["payload"]["lastEventId"] == 2
        await app.patch("/auth/me", json={"name": "Newer"}, token=account.token)
        await agent.say({"type": "ping"})
        assert (await agent.hear())["payload"]["lastEventId"] == 3


@pytest.mark.gen_test
async def test_a_renewed_token_keeps_the_connection(app: RunningApp, account: Account) -> None:
    fresh = (await app.post("/auth/refresh", token=account.token)).data["token"]
    async with web_socket(app.url, token=account.token) as tab:
        await tab.hear()
        await tab.say({"type": "auth", "payload": {"token": "bad"}})
        assert (await tab.hear())["type"] == "error"
        await tab.say({"type": "auth", "payload": {"token": fresh}})
        assert (await tab.hear())["type"] == "auth:ok"


# How it ends


@pytest.mark.gen_test
async def test_a_logout_closes_that_sessions_sockets_and_no_others(app: RunningApp, account: Account) -> None:
    login = {"email": account.email, "password": account.password}
    other = (await app.post("/auth/login", json=login)).data["token"]
    async with web_socket(app.url, token=account.token) as gone, web_socket(app.url, token=other) as staying:
        await gone.hear()
        await staying.hear()
        assert (await app.post("/auth/logout", token=account.token)).status == 200
        assert (await gone.closed(1.0))[0] == 4001
        await staying.say({"type": "ping"})
        assert (await staying.hear())["type"] == "pong"


@pytest.mark.gen_test
async def test_a_key_that_changes_closes_its_sockets(app: RunningApp, account: Account) -> None:
    made = await app.post("/api-keys", json={"name": "a", "scopes": ["tasks:read"]}, token=account.token)
    key, path = made.data["key"], f"/api-keys/{made.data['apiKey']['id']}"
    for body, code in (({"scopes": ["user:read"]}, 1012), ({"isActive": False}, 4001)):
        async with web_socket(app.url, headers={"X-API-Key": key}) as agent:
            await agent.hear()
            assert (await app.patch(path, json=body, token=account.token)).status == 200
            assert (await agent.closed(1.0))[0] == code


@pytest.mark.gen_test
async def test_a_token_that_expires_closes_its_socket_in_that_second(
    run_app: Callable[..., Awaitable[RunningApp]],
) -> None:
    app = await run_app(jwt_expires_in_seconds=2)
    account = await app.register()
    async with web_socket(app.url, token=account.token) as tab:
        await tab.hear()
        assert (await tab.closed(4.0))[0] == 4001


@pytest.mark.gen_test
async def test_too_many_connections_are_refused_in_the_way_that_the_client_understands(
    run_app: Callable[..., Awaitable[RunningApp]],
) -> None:
    app = await run_app(ws_max_connections_per_user=3)
    account = await app.register()
    async with AsyncExitStack() as tabs:
        staying: list[WebSocket] = []
        for _ in range(3):
            staying.append(await tabs.enter_async_context(web_socket(app.url, token=account.token)))
            await staying[-1].hear()
        status, error = await refused(app, token=account.token)
        assert (status, error["code"]) == (429, "RATE_LIMITED")
        assert int(error["headers"]["Retry-After"]) >= 1
        async with web_socket(app.url, bearer=account.token) as newest:
            assert (await newest.closed())[0] == 4013
        await create_task(app, account)
        for tab in staying:
            assert await tab.hear_until(1) == [1]


@pytest.mark.gen_test
async def test_a_drain_sends_everybody_on(app: RunningApp, account: Account) -> None:
    async with web_socket(app.url, token=account.token) as one, web_socket(app.url, token=account.token) as other:
        await one.hear()
        await other.hear()
        draining = asyncio.create_task(app.application.drain(0.2))
        assert [(await tab.closed())[0] for tab in (one, other)] == [1012, 1012]
        await draining

"""Rate limits over HTTP: who is counted as whom, what is exempt, and what the headers say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from json import dumps
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from realtime_app.limits.sharing import ASK_TIMEOUT_SECONDS
from tests.app import PASSWORD, Account, Answer, RunningApp, given_settings
from tests.realtime.peers import until
from tests.servers.redis_server import RedisServer

QUOTAS = {
    "rate_limit_session_per_minute": 5,
    "rate_limit_session_burst": 5,
    "rate_limit_key_per_minute": 2,
    "rate_limit_key_burst": 3,
    "rate_limit_address_per_minute": 3,
    "rate_limit_address_burst": 4,
    "rate_limit_login_per_minute": 3,
}
HEADERS = ("Limit", "Remaining", "Reset", "Policy")
NOBODY = "os_" + "0" * 32
BEHIND_PROXIES = {"trusted_proxies": "127.0.0.1"}
PROMPTLY_SECONDS = 0.05
UNSHARED = "rate limits hold for each process by itself"

Start = Callable[..., Awaitable[RunningApp]]


@pytest.fixture
def start(io_loop: IOLoop, tmp_path: Path) -> Iterator[Start]:
    """Starts an application with small limits; all of a test have the same database."""
    apps: list[RunningApp] = []

    async def start_one(**settings: Any) -> RunningApp:
        apps.append(RunningApp(given_settings(tmp_path, **{"rate_limit_enabled": True} | QUOTAS | settings)))
        await apps[-1].start()
        return apps[-1]

    yield start_one
    for app in apps:
        io_loop.run_sync(app.close)


@pytest.fixture
def limited(io_loop: IOLoop, start: Start) -> RunningApp:
    return io_loop.run_sync(start)


def limits(answer: Answer) -> dict[str, str]:
    return {name: answer.headers[f"RateLimit-{name}"] for name in HEADERS if f"RateLimit-{name}" in answer.headers}


async def statuses(count: int, call: Callable[[], Awaitable[Answer]]) -> list[int]:
    return [(await call()).status for _ in range(count)]


def log_in(app: RunningApp, email: str, password: str = "wrong", *, address: str = "192.0.2.1") -> Awaitable[Answer]:
    body = {"email": email, "password": password}
    return app.post("/auth/login", json=body, headers={"X-Forwarded-For": address})


@pytest.mark.gen_test
async def test_a_session_over_its_limit_is_told_when_to_come_back(limited: RunningApp) -> None:
    ada = await limited.register()
    assert await statuses(5, lambda: limited.get("/tasks", token=ada.token)) == [200] * 5
    answer = await limited.get("/tasks", token=ada.token)
    assert answer.status == 429
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 12
    assert answer.error["code"] == "RATE_LIMITED"
    assert answer.error["message"].startswith("Too many requests; try again in ")
    assert limits(answer) == {"Limit": "5", "Remaining": "0", "Reset": str(seconds), "Policy": "5;w=60"}


@pytest.mark.gen_test
async def test_who_waits_as_told_is_served(start: Start) -> None:
    app = await start(rate_limit_key_per_minute=40, rate_limit_key_burst=1)
    key = await app.create_key(await app.register(), "tasks:read")
    assert await statuses(2, lambda: app.get("/tasks", key=key)) == [200, 429]
    seconds = int((await app.get("/tasks", key=key)).headers["Retry-After"])
    await asyncio.sleep(seconds)
    assert (await app.get("/tasks", key=key)).status == 200


@pytest.mark.gen_test
async def test_every_answer_says_how_much_is_left_errors_too(limited: RunningApp) -> None:
    ada = await limited.register()
    answers = [
        await limited.get("/tasks", token=ada.token),
        await limited.post("/tasks", json={}, token=ada.token),
        await limited.get("/tasks/no-id", token=ada.token),
    ]
    assert [(answer.status, limits(answer)["Remaining"]) for answer in answers] == [(200, "4"), (400, "3"), (400, "2")]
    assert [round(int(limits(answer)["Reset"]) / 12) for answer in answers] == [1, 2, 3]  # a token comes in 12 s


@pytest.mark.gen_test
async def test_pages_of_other_origins_may_read_the_headers(limited: RunningApp) -> None:
    answer = await limited.get("/nowhere", headers={"Origin": "http://localhost:3000"})
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {f"RateLimit-{name}" for name in HEADERS} < set(exposed)
    assert limits(answer).keys() == set(HEADERS)


@pytest.mark.gen_test
async def test_sessions_and_keys_of_one_user_count_apart(limited: RunningApp) -> None:
    ada = await limited.register()
    keys = [await limited.create_key(ada, "tasks:read") for _ in range(2)]
    assert await statuses(4, lambda: limited.get("/tasks", key=keys[0])) == [200, 200, 200, 429]
    answer = await limited.get("/tasks", key=keys[1])
    assert limits(answer) == {"Limit": "3", "Remaining": "2", "Reset": "30", "Policy": "3;w=90, 2;w=60"}
    assert await statuses(4, lambda: limited.get("/tasks", token=ada.token)) == [200, 200, 200, 429]
    assert (await limited.get("/tasks", token=await new_token(limited, ada))).status == 200


@pytest.mark.gen_test
async def test_all_sessions_and_keys_of_a_user_together_have_three_times_as_much(start: Start) -> None:
    app = await start(rate_limit_login_per_minute=20)
    ada = await app.register()
    first, second, third, fourth = [await new_token(app, ada) for _ in range(4)]
    for token in (first, second, third):
        assert await statuses(5, partial(app.get, "/tasks", token=token)) == [200] * 5
    refused = await app.get("/tasks", token=fourth)
    assert refused.status == 429
    assert limits(refused) | {"Reset": ""} == {"Limit": "15", "Remaining": "0", "Reset": "", "Policy": "15;w=60"}
    assert (await app.get("/tasks", token=(await app.register()).token)).status == 200


async def new_token(app: RunningApp, account: Account) -> str:
    token: str = (await log_in(app, account.email, PASSWORD)).data["token"]
    return token


@pytest.mark.gen_test
async def test_a_refused_request_of_a_known_caller_counts_too(limited: RunningApp) -> None:
    key = await limited.create_key(await limited.register())
    assert await statuses(4, lambda: limited.get("/tasks", key=key)) == [403, 403, 403, 429]


@pytest.mark.gen_test
async def test_bad_credentials_count_for_their_address(start: Start) -> None:
    app = await start(**BEHIND_PROXIES)
    first, second = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
    assert await statuses(2, lambda: app.get("/tasks", key=NOBODY, headers=first)) == [401, 401]
    assert await statuses(3, lambda: app.get("/tasks", headers=first)) == [401, 401, 429]
    assert (await app.get("/auth/me", token="bad", headers=first)).status == 429
    assert (await app.get("/tasks", headers=second)).status == 401


@pytest.mark.gen_test
async def test_good_credentials_pass_from_an_address_over_its_limit(limited: RunningApp) -> None:
    ada = await limited.register()
    assert await statuses(5, lambda: limited.get("/nowhere")) == [404, 404, 404, 404, 429]
    assert (await limited.get("/tasks", token=ada.token)).status == 200


@pytest.mark.gen_test
async def test_methods_that_are_not_allowed_count_for_their_address(limited: RunningApp) -> None:
    assert await statuses(5, lambda: limited.fetch("PUT", "/tasks")) == [405, 405, 405, 405, 429]


@pytest.mark.gen_test
async def test_addresses_of_one_ipv6_network_count_together(start: Start) -> None:
    app = await start(**BEHIND_PROXIES)
    answers = [await app.get("/nowhere", headers={"X-Forwarded-For": f"2001:db8::{host}"}) for host in range(1, 6)]
    assert [answer.status for answer in answers] == [404, 404, 404, 404, 429]


@pytest.mark.gen_test
async def test_the_profile_of_a_valid_caller_is_never_limited(limited: RunningApp) -> None:
    ada = await limited.register()
    key = await limited.create_key(ada)
    assert await statuses(10, lambda: limited.get("/auth/me", token=ada.token)) == [200] * 10
    assert await statuses(10, lambda: limited.get("/auth/me", key=key)) == [200] * 10
    assert limits(await limited.get("/auth/me", token=ada.token)) == {}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/", "/app/tasks"])
@pytest.mark.gen_test
async def test_operations_and_pages_are_exempt(limited: RunningApp, path: str) -> None:
    assert await statuses(10, lambda: limited.get(path)) == [200] * 10


@pytest.mark.gen_test
async def test_preflights_are_exempt(limited: RunningApp) -> None:
    assert await statuses(10, lambda: limited.fetch("OPTIONS", "/auth/login")) == [204] * 10


@pytest.mark.gen_test
async def test_logins_to_an_account_are_limited_from_wherever_they_come(start: Start) -> None:
    app = await start(**BEHIND_PROXIES)
    await app.register("ada@example.org")
    answers = [await log_in(app, "Ada@Example.org ", address=f"192.0.2.{host}") for host in range(4)]
    assert [answer.status for answer in answers] == [401, 401, 429, 429]  # registering was the first
    assert limits(answers[1]) | {"Reset": ""} == {"Limit": "3", "Remaining": "0", "Reset": "", "Policy": "3;w=60"}
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 20
    assert (await log_in(app, "ada@example.org", PASSWORD, address="192.0.2.9")).status == 429
    assert (await log_in(app, "bob@example.org", address="192.0.2.9")).status == 401


@pytest.mark.gen_test
async def test_logins_from_an_address_are_limited_to_whomever_they_go(start: Start) -> None:
    app = await start(**BEHIND_PROXIES)
    answers = [await log_in(app, f"user-{number}@example.org") for number in range(4)]
    assert [answer.status for answer in answers] == [401, 401, 401, 429]
    registering = {"email": "new@example.org", "password": PASSWORD}
    headers = {"X-Forwarded-For": "192.0.2.1"}
    assert (await app.post("/auth/register", json=registering, headers=headers)).status == 429
    assert (await log_in(app, "user-1@example.org", address="192.0.2.2")).status == 401


@pytest.mark.parametrize("method", ["change-password", "delete"])
@pytest.mark.gen_test
async def test_whatever_checks_a_password_is_limited_like_a_login(start: Start, method: str) -> None:
    app = await start(**BEHIND_PROXIES)
    ada = await app.register()

    async def guess(host: int) -> Answer:
        options: dict[str, Any] = {"token": ada.token, "headers": {"X-Forwarded-For": f"192.0.2.{host}"}}
        if method == "delete":
            return await app.delete("/auth/me", json={"password": "wrong"}, **options)
        body = {"currentPassword": "wrong", "newPassword": "Battery-Staple-8"}
        return await app.post("/auth/change-password", json=body, **options)

    assert [(await guess(host)).status for host in range(4)] == [400, 400, 400, 429]


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "null"},
]


@pytest.mark.gen_test
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_foreign_pages_can_neither_register_nor_use_up_the_limit(
    limited: RunningApp, headers: dict[str, str]
) -> None:
    body = {"email": "ada@example.org", "password": PASSWORD}
    for path in ("/auth/register", "/auth/login"):
        # As JSON it would have to be asked for first, by a preflight.
        unseen = partial(
            limited.post, path, body=dumps(body).encode(), headers=headers | {"Content-Type": "text/plain"}
        )
        assert await statuses(4, unseen) == [403] * 4
    assert (await limited.post("/auth/register", json=body)).status == 201


@pytest.mark.gen_test
async def test_what_a_page_had_to_ask_for_is_left_to_its_preflight(limited: RunningApp) -> None:
    foreign = {"Origin": "http://192.0.2.7:5173", "Content-Type": "application/json; charset=utf-8"}
    assert (await limited.post("/auth/login", json={}, headers=foreign)).status == 400


@pytest.mark.gen_test
async def test_pages_of_the_own_and_of_listed_origins_may_ask_for_a_password(limited: RunningApp) -> None:
    for origin in (limited.url, "http://localhost:3000"):
        answer = await limited.post("/auth/login", json={}, headers={"Origin": origin})
        assert answer.status == 400
    same = {"Origin": "https://planner.example", "Sec-Fetch-Site": "same-origin"}
    assert (await limited.post("/auth/login", json={}, headers=same)).status == 400


@pytest.mark.gen_test
async def test_a_body_over_the_limit_is_not_looked_at(limited: RunningApp) -> None:
    assert await statuses(3, lambda: limited.post("/auth/login", body=b"{}")) == [400] * 3
    assert (await limited.post("/auth/login", body=b"x" * 2_000_000)).status == 429


@pytest.mark.gen_test
async def test_refusals_are_counted_by_limit(limited: RunningApp) -> None:
    key = await limited.create_key(await limited.register(), "tasks:read")
    await statuses(5, lambda: limited.get("/tasks", key=key))
    page = (await limited.get("/metrics")).body.decode()
    assert 'rate_limit_refusals_total{limit="key"} 2.0' in page
    assert 'rate_limit_refusals_total{limit="session"} 0.0' in page


@pytest.mark.gen_test
async def test_limits_can_be_switched_off(start: Start) -> None:
    app = await start(rate_limit_enabled=False)
    assert await statuses(10, lambda: app.get("/tasks")) == [401] * 10
    assert limits(await app.get("/tasks")) == {}


@pytest.mark.gen_test
@pytest.mark.redis
async def test_processes_share_their_limits_through_redis(redis_server: RedisServer, start: Start) -> None:
    first, second = [await start(redis_url=redis_server.url, rate_limit_session_per_minute=1) for _ in range(2)]
    await until(lambda: are_shared(first, second))
    ada = await first.register()
    assert await statuses(4, lambda: first.get("/tasks", token=ada.token)) == [200] * 4
    await until(lambda: redis_server.execute("KEYS", "limits:*:session:*") != [])
    assert (await second.get("/tasks", token=ada.token)).status == 200
    refused = await first_refusal(second, ada)
    assert (refused.status, limits(refused)["Remaining"]) == (429, "0")
    assert int(refused.headers["Retry-After"]) > 30
    answers = [await log_in(app, "bob@example.org") for app in (first, second, first)]
    assert [answer.status for answer in answers] == [401, 401, 429]  # with Ada's registration from this address


def are_shared(*apps: RunningApp) -> bool:
    return all(app.application.rate_limits and app.application.rate_limits.is_shared for app in apps)


async def first_refusal(app: RunningApp, account: Account) -> Answer:
    """Of five in a row, which alone would pass: the process hears of the others' use a little later."""
    for _ in range(5):
        answer = await app.get("/tasks", token=account.token)
        if answer.status == 429:
            break
        await asyncio.sleep(0.1)
    return answer


@pytest.mark.gen_test
@pytest.mark.redis
@pytest.mark.expected_logs(UNSHARED)
@pytest.mark.allowed_logs("the link to redis")
async def test_a_hung_redis_delays_no_request_and_the_limits_hold(redis_server: RedisServer, start: Start) -> None:
    app = await start(redis_url=redis_server.url)
    ada, bob = await app.register(), await app.register()
    await until(lambda: are_shared(app))
    await app.get("/tasks", token=ada.token)
    redis_server.pause()
    durations = [await seconds_of(app.get("/tasks", token=ada.token)) for _ in range(5)]
    assert (await app.get("/tasks", token=ada.token)).status == 429
    await until(lambda: not are_shared(app))
    durations += [await seconds_of(app.get("/tasks", token=bob.token)) for _ in range(5)]
    assert (await app.get("/tasks", token=bob.token)).status == 429
    durations.append(await seconds_of(log_in(app, "")))
    redis_server.resume()
    assert median(durations) < PROMPTLY_SECONDS
    assert max(durations) < ASK_TIMEOUT_SECONDS  # who waits for a hung Redis waits at least so long


async def seconds_of(call: Awaitable[Answer]) -> float:
    began_at = time.monotonic()
    await call
    return time.monotonic() - began_at

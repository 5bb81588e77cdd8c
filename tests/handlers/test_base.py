"""What every route does alike: the envelope, the headers, the limits of a body, and what a bug looks like outside."""

import asyncio
import json

import pytest
from tornado.httputil import HTTPHeaders

from handlers.bounded_body import MAX_BODY_BYTES, SWALLOWED_BODY_BYTES
from realtime_app.store.user_gate import READERS_AT_ONCE, WAITING_READERS_LIMIT
from tests.app import RunningApp
from tests.raw_http import RawClient

pytestmark = pytest.mark.sqlite_suffices

ORIGIN = "http://localhost:3000"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

TAKERS_OF_BODIES = [("POST", "/auth/login"), ("GET", "/assets/index.js"), ("POST", "/ws")]


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def without_own(headers: HTTPHeaders) -> dict[str, str]:
    """Those that don't belong to the single answer."""
    return {name: value for name, value in headers.items() if name not in ("Date", "X-Request-Id")}


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "NOT_FOUND_ERROR"),
        ("POST", "/nowhere/at/all", b"{}", 404, "NOT_FOUND_ERROR"),
        ("PUT", "/auth/login", b"{}", 405, "METHOD_NOT_ALLOWED"),
        ("BREW", "/auth/login", None, 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/auth/login", b"{", 400, "BAD_REQUEST"),
        ("POST", "/auth/login", b"[]", 400, "BAD_REQUEST"),
        ("POST", "/auth/login", b"\xff", 400, "BAD_REQUEST"),
        ("POST", "/auth/login", b"{}", 400, "VALIDATION_ERROR"),
        ("POST", "/auth/login", b"", 400, "VALIDATION_ERROR"),
        ("GET", "/auth/me", None, 401, "AUTHENTICATION_ERROR"),
        ("GET", "/assets/missing.js", None, 404, "NOT_FOUND_ERROR"),
        ("GET", "/assets/../../setup.cfg", None, 404, "NOT_FOUND_ERROR"),
        ("GET", "/assets/%2e%2e/index.html", None, 404, "NOT_FOUND_ERROR"),
        ("POST", "/assets/icon.svg", b"{}", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/%ff", None, 404, "NOT_FOUND_ERROR"),
    ],
)
async def test_every_failure_has_the_one_envelope(
    app: RunningApp, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    answer = await app.fetch(method, path, body=body)
    assert (answer.status, answer.error["code"], answer.error["statusCode"]) == (status, code, status)
    assert answer.json["success"] is False
    assert answer.error["message"]
    assert answer.headers["X-Request-Id"]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "nowhere", 404), ("CONNECT", "x:443", 405), ("OPTIONS", "*", 204), ("GET", "http://x?y", 200)],
)
async def test_a_target_that_is_no_path_is_answered_as_any_other(
    app: RunningApp, method: str, target: str, status: int
) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request(method, target, f"Origin: {ORIGIN}\r\n")
        answer = await client.answer()
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, ORIGIN)
    assert status < 400 or answer.json["error"]["statusCode"] == status


@pytest.mark.gen_test
async def test_a_whole_url_as_the_target_means_its_path(app: RunningApp) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request("GET", "HTTP://planner.example:80/healthz?a=b")
        answer = await client.answer()
    assert (answer.status, answer.json["data"]) == (200, {"status": "ok"})


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/healthz", "/", "/tasks", f"/tasks/{UNKNOWN_ID}", "/auth/me", "/nowhere"])
async def test_head_is_get_without_the_body(app: RunningApp, path: str) -> None:
    account = await app.register()
    whole = await app.get(path, token=account.token)
    head = await app.fetch("HEAD", path, token=account.token)
    assert (head.status, head.body) == (whole.status, b"")
    assert without_own(head.headers) == without_own(whole.headers)


@pytest.mark.gen_test
async def test_head_of_what_is_known_already_is_a_304(app: RunningApp) -> None:
    account = await app.register()
    task = await app.post("/tasks", json={"title": "Write"}, token=account.token)
    known = {"If-None-Match": task.headers["ETag"]}
    answer = await app.fetch("HEAD", f"/tasks/{task.data['id']}", token=account.token, headers=known)
    assert answer.status == 304


@pytest.mark.gen_test
async def test_a_wrong_method_names_those_that_are_allowed(app: RunningApp) -> None:
    answer = await app.fetch("PUT", "/auth/login", body=b"{}")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert "POST" in answer.error["message"]
    answer = await app.fetch("PUT", "/tasks", body=b"{}")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("GET", "/tasks/%FF?includeSubtasks=1", {"id", "includeSubtasks"}),
        ("DELETE", "/tasks/%FF", {"id"}),
        ("POST", "/tasks/x/subtasks", {"id", "title"}),
        ("PATCH", "/tasks/x/subtasks/y", {"id", "sid", "title"}),
        ("DELETE", f"/tasks/{UNKNOWN_ID}/subtasks/y", {"sid"}),
        ("PATCH", "/time-blocks/x", {"id", "title"}),
        ("PATCH", "/api-keys/x", {"id", "name"}),
    ],
)
async def test_ids_of_the_path_are_named_with_all_other_wrong_fields(
    app: RunningApp, method: str, path: str, fields: set[str]
) -> None:
    account = await app.register()
    answer = await app.fetch(method, path, json={"title": 1, "name": 1}, token=account.token)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert answer.error["errors"].keys() == fields


@pytest.mark.gen_test
async def test_a_body_of_another_media_type_is_refused(app: RunningApp) -> None:
    answer = await app.post("/auth/login", body=b"email=a", headers={"Content-Type": "text/plain"})
    assert answer.error["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.gen_test
async def test_a_sane_request_id_is_echoed_and_another_one_replaced(app: RunningApp) -> None:
    echoed = await app.get("/healthz", headers={"X-Request-Id": "abc-123"})
    replaced = await app.get("/healthz", headers={"X-Request-Id": "<script>"})
    assert echoed.headers["X-Request-Id"] == "abc-123"
    assert len(replaced.headers["X-Request-Id"]) == 36


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/auth/me", "/assets/missing.js"])
async def test_listed_origins_are_echoed_on_every_answer(app: RunningApp, path: str) -> None:
    listed = await app.get(path, headers={"Origin": ORIGIN})
    foreign = await app.get(path, headers={"Origin": "http://evil.example"})
    assert listed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert listed.headers["Vary"] == foreign.headers["Vary"] == "Origin"


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/auth/me", "/tasks", "/nowhere", "/assets/icon.svg"])
async def test_a_preflight_passes_everywhere_without_login(app: RunningApp, path: str) -> None:
    answer = await app.fetch("OPTIONS", path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH"})
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.gen_test
async def test_answers_to_a_caller_are_private_and_carry_the_position(app: RunningApp) -> None:
    account = await app.register()
    answer = await app.get("/auth/me", token=account.token)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Last-Event-Id"] == "0"
    assert len(answer.headers["Event-Epoch"]) == 36


@pytest.mark.gen_test
async def test_failures_that_a_caller_meets_are_private_too(app: RunningApp) -> None:
    account = await app.register()
    task = (await app.post("/tasks", json={"title": "Write"}, token=account.token)).data
    key = await app.create_key(account)
    failures = [
        await app.get(f"/tasks/{UNKNOWN_ID}", token=account.token),
        await app.post("/tasks", json={}, token=account.token),
        await app.post(f"/tasks/{task['id']}/restore", token=account.token),
        await app.delete(f"/tasks/{task['id']}", token=account.token, headers={"If-Match": '"9"'}),
        await app.get("/tasks", key=key),
    ]
    assert [failure.status for failure in failures] == [404, 400, 409, 412, 403]
    assert {failure.headers["Cache-Control"] for failure in failures} == {"private, no-cache"}


@pytest.mark.gen_test
async def test_failures_carry_no_position(app: RunningApp) -> None:
    account = await app.register()
    answer = await app.get(f"/tasks/{UNKNOWN_ID}", token=account.token)
    assert answer.status == 404
    assert "Last-Event-Id" not in answer.headers


@pytest.mark.gen_test
async def test_a_body_at_the_limit_is_read(app: RunningApp) -> None:
    body = json.dumps({"email": "", "password": ""}).encode()
    answer = await app.post("/auth/login", body=body + b" " * (MAX_BODY_BYTES - len(body)))
    assert answer.error["code"] == "VALIDATION_ERROR"


@pytest.mark.gen_test
@pytest.mark.parametrize(("method", "path"), TAKERS_OF_BODIES)
async def test_a_body_over_the_limit_is_refused_and_the_connection_lives_on(
    app: RunningApp, method: str, path: str
) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request(method, path, body=b" " * (MAX_BODY_BYTES + 1))
        refused = await client.answer()
        assert (refused.status, refused.error_code) == (413, "PAYLOAD_TOO_LARGE")
        await client.request("GET", "/healthz")
        assert (await client.answer()).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize(("method", "path"), TAKERS_OF_BODIES)
async def test_a_chunked_body_over_the_limit_is_refused_and_the_connection_lives_on(
    app: RunningApp, method: str, path: str
) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request(method, path, "Transfer-Encoding: chunked\r\n")
        await client.send(chunked(*[b" " * 65536] * 17))
        refused = await client.answer()
        assert (refused.status, refused.error_code) == (413, "PAYLOAD_TOO_LARGE")
        await client.request("GET", "/healthz")
        assert (await client.answer()).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("length", [SWALLOWED_BODY_BYTES + 1, "1" + "0" * 5000], ids=["huge", "beyond all numbers"])
async def test_a_huge_announced_body_is_refused_unread_and_the_connection_closed(
    app: RunningApp, length: int | str
) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request("POST", "/auth/login", f"Content-Length: {length}\r\n")
        refused = await client.answer()
        assert (refused.status, refused.error_code) == (413, "PAYLOAD_TOO_LARGE")
        assert refused.headers["connection"] == "close"
        assert await client.is_closed()


@pytest.mark.gen_test
@pytest.mark.parametrize(("method", "path"), TAKERS_OF_BODIES)
async def test_a_huge_chunked_body_is_refused_in_its_middle_and_the_connection_closed(
    app: RunningApp, method: str, path: str
) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request(method, path, "Transfer-Encoding: chunked\r\n")
        await client.send(b"%x\r\n" % 2**60 + b" " * (SWALLOWED_BODY_BYTES + 1))
        refused = await client.answer()
        assert (refused.status, refused.error_code) == (413, "PAYLOAD_TOO_LARGE")
        assert refused.headers["connection"] == "close"
        assert await client.is_closed()
    await app.application.in_flight.wait_until_empty()


@pytest.mark.gen_test
async def test_an_endless_chunked_body_closes_the_connection(app: RunningApp) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request("POST", "/auth/login", "Transfer-Encoding: chunked\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            await client.send(chunked(*[b" " * 65536] * 160) * 2)
    assert (await app.get("/healthz")).status == 200


@pytest.mark.gen_test
async def test_a_stranger_s_body_is_thrown_away_and_answered_with_401(app: RunningApp) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request("PATCH", "/auth/me", body=b" " * 500_000)
        assert (await client.answer()).status == 401
        await client.request("GET", "/healthz")
        assert (await client.answer()).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize(("method", "path"), TAKERS_OF_BODIES)
async def test_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind(
    app: RunningApp, method: str, path: str
) -> None:
    async with await RawClient.to(app.port) as client:
        await client.request(method, path, "Content-Length: 100\r\n")
        await client.send(b"{")
        async with await RawClient.to(app.port) as other:
            await other.request("GET", "/healthz")
            await other.answer()
        assert len(app.application.in_flight) == 1
    await app.application.in_flight.wait_until_empty()


@pytest.mark.gen_test
async def test_a_user_who_reads_too_much_at_once_is_refused_alone(app: RunningApp) -> None:
    greedy, other = await app.register(), await app.register()
    gate, leave = app.application.readers, asyncio.Event()

    async def read() -> None:
        async with gate.turn(greedy.id):
            await leave.wait()

    reading = [asyncio.create_task(read()) for _ in range(READERS_AT_ONCE + WAITING_READERS_LIMIT)]
    refused = await app.get("/tasks", token=greedy.token)
    assert refused.error["code"] == "RATE_LIMITED"
    assert refused.headers["Retry-After"] == "1"
    assert (await app.get("/tasks", token=other.token)).status == 200
    assert (await app.post("/tasks", json={"title": "Write"}, token=greedy.token)).status == 201
    assert (await app.get("/auth/me", token=greedy.token)).status == 200  # a failure would count as a logout
    leave.set()
    await asyncio.gather(*reading)
    assert (await app.get("/tasks", token=greedy.token)).status == 200


@pytest.mark.gen_test
@pytest.mark.expected_logs("unhandled error in GET /healthz")
async def test_a_bug_shows_nothing_but_that_there_is_one(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr("handlers.operations.LivenessHandler.answer", fail)
    answer = await app.get("/healthz", headers={"X-Request-Id": "abc"})
    assert answer.error["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.body.decode()
    assert answer.headers["X-Request-Id"] == "abc"


@pytest.mark.gen_test
@pytest.mark.expected_logs("database unavailable")
async def test_an_outage_of_the_database_is_a_503_that_ends_by_itself(
    app: RunningApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await app.register()

    with monkeypatch.context() as outage:
        outage.setattr("sqlalchemy.ext.asyncio.AsyncEngine.connect", _refuse)
        answers = [await app.get("/tasks", token=account.token) for _ in range(3)]
    assert {answer.error["code"] for answer in answers} == {"SERVICE_UNAVAILABLE"}
    assert answers[0].headers["Retry-After"] == "2"
    assert (await app.get("/tasks", token=account.token)).status == 200


def _refuse(*_: object) -> None:
    raise ConnectionRefusedError

"""What nginx makes of the planner: TLS, headers, files, limits, and what it keeps from the outside."""

from __future__ import annotations

import asyncio
import re
import ssl

import pytest

from handlers.pages import _SECURITY_HEADERS, STATIC
from tests.cluster.https_client import HttpsClient
from tests.cluster.running_cluster import RunningCluster, metric
from tests.servers.planner_process import ROOT

pytestmark = pytest.mark.system

SPOOFED = "203.0.113.9"


@pytest.mark.gen_test
async def test_browsers_are_offered_http_2(cluster: RunningCluster) -> None:
    trust = ssl.create_default_context(cafile=str(cluster.folder / "etc/realtime-app/tls/fullchain.pem"))
    trust.set_alpn_protocols(["h2", "http/1.1"])
    _, writer = await asyncio.open_connection("127.0.0.1", cluster.port, ssl=trust, server_hostname="localhost")
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
    writer.transport.abort()


@pytest.mark.gen_test
async def test_plain_http_is_led_to_https(cluster: RunningCluster, visitor: HttpsClient) -> None:
    found = re.search(r"listen 127.0.0.1:(\d+);\s+(?:listen .*\s+)?server_name", _configuration(cluster))
    assert found
    reply = await visitor.ask("GET", "/app/tasks?date=today", port=int(found[1]))
    assert (reply.status, reply.headers["location"]) == (308, "https://localhost/app/tasks?date=today")


@pytest.mark.parametrize("path", ["/", "/app", "/app/calendar", "/tasks", "/nowhere", "/assets/none.js"])
@pytest.mark.gen_test
async def test_every_answer_carries_the_usual_headers_once(visitor: HttpsClient, path: str) -> None:
    reply = await visitor.ask("GET", path)
    assert reply.headers["strict-transport-security"] == "max-age=0"  # a year where it is shipped
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["server"] == "nginx"


def test_shipped_configuration_asks_for_https_for_a_year() -> None:
    headers = (ROOT / "nginx/realtime_app/headers.conf").read_text()
    assert 'Strict-Transport-Security "max-age=31536000" always;' in headers


@pytest.mark.gen_test
async def test_pages_get_the_headers_that_the_processes_would_send(visitor: HttpsClient) -> None:
    reply = await visitor.ask("GET", "/app/")
    assert reply.status == 200
    assert {name: reply.headers[name.lower()] for name in _SECURITY_HEADERS} == _SECURITY_HEADERS
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.gen_test
async def test_hashed_files_are_compressed_and_kept_for_ever(visitor: HttpsClient) -> None:
    script = next((STATIC / "assets").glob("index-*.js"))
    reply = await visitor.ask("GET", f"/assets/{script.name}", Accept_Encoding="gzip")
    assert reply.status == 200
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) < script.stat().st_size / 2


@pytest.mark.gen_test
async def test_files_without_a_hash_are_asked_for_again(visitor: HttpsClient) -> None:
    reply = await visitor.ask("GET", "/assets/icon.svg")
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.gen_test
async def test_a_preflight_of_a_page_is_answered_like_any(visitor: HttpsClient) -> None:
    reply = await visitor.ask("OPTIONS", "/", Origin="http://localhost:3000")
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "http://localhost:3000")


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "//metrics", "/%6detrics", "/x/../metrics"])
@pytest.mark.gen_test
async def test_operations_cannot_be_reached_from_outside(visitor: HttpsClient, path: str) -> None:
    reply = await visitor.ask("GET", path)
    assert (reply.status, reply.json["error"]["code"]) == (404, "NOT_FOUND_ERROR")


@pytest.mark.gen_test
async def test_each_process_can_be_watched_from_this_machine(cluster: RunningCluster, visitor: HttpsClient) -> None:
    await cluster.until_whole()
    for number in range(4):
        page = await visitor.ask("GET", f"/{number}/metrics", port=cluster.monitoring_port)
        assert metric(page.body.decode(), "realtime_database_up") == 1
        ready = await visitor.ask("GET", f"/{number}/readyz", port=cluster.monitoring_port)
        assert ready.data["parts"] == {"process": "serving", "database": "up", "redis": "up"}


@pytest.mark.gen_test
async def test_a_too_large_body_is_refused_in_the_envelope(visitor: HttpsClient) -> None:
    person = await visitor.register()
    limit = 1024 * 1024
    largest = b'{"title": "x", "notes": null}'.ljust(limit)
    assert (await person.ask("POST", "/tasks", body=largest, Content_Type="application/json")).status == 201
    reply = await person.ask("POST", "/tasks", body=b"x" * (limit + 1), Origin="http://localhost:3000")
    assert reply.status == 413
    assert reply.json["error"]["code"] == "PAYLOAD_TOO_LARGE"
    assert reply.headers["content-type"] == "application/json; charset=UTF-8"
    assert reply.headers["access-control-allow-origin"] == "http://localhost:3000"


@pytest.mark.gen_test
async def test_an_address_that_asks_too_often_is_told_to_wait_and_others_are_not(cluster: RunningCluster) -> None:
    hasty, calm = HttpsClient(cluster, "127.0.9.1"), HttpsClient(cluster, "127.0.9.2")
    sent = await asyncio.gather(*(hasty.pipeline("GET", "/nowhere", 250) for _ in range(6)))
    answers = _answers("".join(sent))
    # The application's own refusals say how its limit stands.
    refused = [answer for answer in answers if " 429 " in answer and "ratelimit-limit:" not in answer.lower()]
    assert 0 < len(refused) <= len(answers) - 400  # the burst
    assert all("Retry-After: 1\r\n" in answer and '"code":"RATE_LIMITED"' in answer for answer in refused)
    assert (await calm.ask("GET", "/nowhere")).status == 404


@pytest.mark.parametrize(("method", "path", "status"), [("OPTIONS", "/tasks", "204"), ("GET", "/auth/me", "200")])
@pytest.mark.gen_test
async def test_preflights_and_the_question_who_one_is_are_never_refused(
    visitor: HttpsClient, method: str, path: str, status: str
) -> None:
    person = await visitor.register()
    credential = f"Authorization: {person.headers['Authorization']}"
    sent = await asyncio.gather(*(person.pipeline(method, path, 250, credential) for _ in range(4)))
    assert {answer.split()[1] for answer in _answers("".join(sent))} == {status}


@pytest.mark.gen_test
async def test_the_processes_hear_of_the_true_address_of_a_client(cluster: RunningCluster) -> None:
    client = HttpsClient(cluster, "127.0.8.7")
    request_id = "true-address-1"
    await client.ask("GET", "/tasks", X_Forwarded_For=SPOOFED, X_Forwarded_Proto="http", X_Request_Id=request_id)

    def line() -> str:
        logs = "".join(cluster.log(f"realtime-app/{number}.log") for number in range(4))
        return next((line for line in logs.splitlines() if f'"{request_id}"' in line), "")

    await cluster.until("the request in a log", line)
    assert '"address":"127.0.8.7"' in line()


@pytest.mark.gen_test
async def test_the_access_log_shows_no_query(cluster: RunningCluster, visitor: HttpsClient) -> None:
    await visitor.ask("GET", "/tasks?search=a-private-word", X_Request_Id="no-query-1")
    await cluster.until("the request in the log", lambda: "no-query-1" in cluster.log("nginx/realtime_app.access.log"))
    log = cluster.log("nginx/realtime_app.access.log")
    assert '"GET /tasks HTTP/1.1" 401' in log
    assert "a-private-word" not in log


def test_the_settings_are_nobody_elses_business(cluster: RunningCluster) -> None:
    assert (cluster.folder / "etc/realtime-app/.env").stat().st_mode & 0o077 == 0
    supervisor = (cluster.folder / "etc/supervisor/conf.d/realtime_app.conf").read_text()
    assert "JWT_SECRET" not in supervisor


def _answers(received: str) -> list[str]:
    return re.split(r"(?=HTTP/1\.1 \d{3} )", received)[1:]


def _configuration(cluster: RunningCluster) -> str:
    return (cluster.folder / "etc/nginx/conf.d/realtime_app.conf").read_text()

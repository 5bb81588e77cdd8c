"""What nginx lets nobody do: take a process away from others, fill its logs with tokens, or use up what all share."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterator

import pytest

from tests.cluster.https_client import HttpsClient
from tests.cluster.running_cluster import RunningCluster

pytestmark = pytest.mark.system

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
LARGE_HEADERS = "".join(f"X-Large-{number}: {'x' * 12_000}\r\n" for number in range(3)).encode()
# They grow on their way: nginx writes a blank after each colon, and ends each line in two bytes.
SWELLING_HEADERS = b"a:\n" * 8_000


@pytest.mark.gen_test
async def test_too_large_headers_are_refused_in_the_envelope(visitor: HttpsClient) -> None:
    reply = await visitor.ask_raw(LARGE_HEADERS)
    assert (reply.status, reply.json["error"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("headers", [LARGE_HEADERS, SWELLING_HEADERS])
@pytest.mark.gen_test
async def test_a_request_that_no_process_answers_takes_none_away_from_others(
    visitor: HttpsClient, headers: bytes
) -> None:
    assert (await visitor.ask_raw(headers)).status in (400, 503)
    replies = await asyncio.gather(*(visitor.ask("GET", "/tasks") for _ in range(20)))
    assert {reply.status for reply in replies} == {401}


@pytest.mark.gen_test
async def test_the_envelope_is_around_what_nginx_itself_refuses(cluster: RunningCluster, visitor: HttpsClient) -> None:
    unknown_encoding = await visitor.ask("POST", "/tasks", Transfer_Encoding="strange")
    without_tls = await visitor.ask("GET", "/tasks", port=cluster.port)
    too_long = await visitor.ask("GET", f"/{'x' * 9_000}")
    for reply in (unknown_encoding, without_tls, too_long):
        assert (reply.status, reply.json["error"]["code"]) == (400, "BAD_REQUEST")


@pytest.fixture
def few_connections(cluster: RunningCluster) -> Iterator[None]:
    found = re.search(r"worker_connections \d+;", (cluster.folder / "etc/nginx/nginx.conf").read_text())
    assert found
    with cluster.changed("nginx.conf", found[0], "worker_connections 24;"):
        yield


@pytest.mark.usefixtures("few_connections")
@pytest.mark.gen_test(timeout=60)
async def test_no_token_is_in_any_log_when_connections_run_out(cluster: RunningCluster, visitor: HttpsClient) -> None:
    token = "a-token-that-nobody-may-read"
    handshakes = (visitor.ask("GET", f"/ws?token={token}", **UPGRADE) for _ in range(40))
    await asyncio.gather(*handshakes, return_exceptions=True)
    await asyncio.gather(*(visitor.ask("GET", "/tasks") for _ in range(40)), return_exceptions=True)
    assert "worker_connections are not enough" in nginx_logs(cluster)
    assert token not in nginx_logs(cluster)


def nginx_logs(cluster: RunningCluster) -> str:
    logs = [*(cluster.folder / "var/log").rglob("*nginx.log"), *(cluster.folder / "var/log/nginx").iterdir()]
    return "".join(log.read_text() for log in logs)


@pytest.fixture
def slow_refill(cluster: RunningCluster) -> Iterator[None]:
    """However long a busy machine takes, more than the burst is too many."""
    rate = "zone=realtime_app_request_rate:20m rate"
    with cluster.changed("conf.d/realtime_app.conf", f"{rate}=100r/s", f"{rate}=1r/s"):
        yield


@pytest.fixture
def addresses_from_a_header(cluster: RunningCluster) -> Iterator[None]:
    """As behind a load balancer: clients may have any address."""
    believing = "set_real_ip_from 127.0.0.0/8; real_ip_header X-Real-IP; sendfile on;"
    with cluster.changed("nginx.conf", "sendfile on;", believing):
        yield


async def refusals(visitor: HttpsClient, method: str, path: str, count: int, header: str = "X-Usual: yes") -> int:
    """How many of these requests nginx refuses. The application's own refusals say how its limit stands."""
    received = await visitor.pipeline(method, path, count, header)
    answers = re.split(r"(?=HTTP/1\.1 \d{3} )", received)[1:]
    assert len(answers) == count
    return sum(" 429 " in answer and "ratelimit-limit:" not in answer.lower() for answer in answers)


@pytest.mark.usefixtures("slow_refill", "addresses_from_a_header")
@pytest.mark.gen_test(timeout=60)
async def test_a_network_of_ipv6_shares_one_limit(visitor: HttpsClient) -> None:
    def refusals_of(address: str) -> Awaitable[int]:
        return refusals(visitor, "GET", "/nowhere", 90, f"X-Real-IP: {address}")

    await asyncio.gather(*(refusals_of(f"2001:db8:1:2::{number}") for number in range(1, 6)))
    assert await refusals_of("2001:db8:1:2:ffff::1") > 0
    assert await refusals_of("2001:db8:1:3::1") == 0
    assert await refusals_of("192.0.2.1") == 0


@pytest.mark.usefixtures("slow_refill")
@pytest.mark.parametrize("path", ["/app/x", "/assets/x"])
@pytest.mark.gen_test(timeout=60)
async def test_a_write_below_the_folders_of_files_counts_as_a_request(visitor: HttpsClient, path: str) -> None:
    assert sum(await asyncio.gather(*(refusals(visitor, "POST", path, 100) for _ in range(6)))) > 0


@pytest.fixture
def few_sockets(cluster: RunningCluster) -> Iterator[None]:
    limit = "limit_conn realtime_app_open"
    with cluster.changed("conf.d/realtime_app.conf", f"{limit} 2000;", f"{limit} 3;"):
        yield


@pytest.mark.usefixtures("few_sockets")
@pytest.mark.gen_test(timeout=60)
async def test_an_address_with_too_many_sockets_gets_no_more(visitor: HttpsClient) -> None:
    # Without a credential each is closed after a second.
    replies = await asyncio.gather(*(visitor.ask("GET", "/ws", **UPGRADE) for _ in range(8)))
    assert [reply.status for reply in replies].count(429) == 5
    assert {reply.json["error"]["code"] for reply in replies if reply.status != 101} == {"RATE_LIMITED"}

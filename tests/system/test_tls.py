"""A process that speaks TLS itself, with nothing before it."""

from __future__ import annotations

import json
import shutil
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.app import PASSWORD
from tests.raw_http import RawClient
from tests.realtime.tls import make_certificate
from tests.servers.planner_process import PlannerProcess
from tests.web_socket import web_socket


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    certificate, _ = make_certificate(tmp_path)
    return certificate


@pytest.fixture
def server(tmp_path: Path, sqlite_template: Path, certificate: Path) -> Iterator[PlannerProcess]:
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "realtime.db")
    key = certificate.with_name("key.pem")
    server = PlannerProcess(tmp_path, TLS_CERTIFICATE_FILE=str(certificate), TLS_KEY_FILE=str(key))
    server.start()
    yield server
    server.close()


async def post(url: str, certificate: Path, body: dict[str, Any], token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    answer = await AsyncHTTPClient().fetch(
        url, method="POST", headers=headers, body=json.dumps(body), ca_certs=str(certificate)
    )
    return json.loads(answer.body)["data"]


@pytest.mark.gen_test(timeout=30)
async def test_requests_and_sockets_are_served_over_tls_until_the_graceful_stop(
    server: PlannerProcess, certificate: Path
) -> None:
    url = f"https://localhost:{server.port}"
    assert server.address.startswith("https://")
    account = {"email": "tls@example.org", "password": PASSWORD}
    token = (await post(f"{url}/auth/register", certificate, account))["token"]
    trust = ssl.create_default_context(cafile=str(certificate))
    async with web_socket(url, token=token, tls=trust) as tab:
        assert (await tab.hear())["type"] == "connected"
        for number in range(1, 4):
            await post(f"{url}/tasks", certificate, {"title": "t"}, token)
            assert await tab.hear_until(number) == list(range(1, number + 1))
        async with await RawClient.to(server.port) as stranger:
            await stranger.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await stranger.is_closed()
        server.process.send_signal(signal.SIGTERM)
        assert (await tab.closed())[0] == 1012

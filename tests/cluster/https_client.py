"""HTTPS to the cluster from any address of this machine: all of 127.0.0.0/8 are clients of their own to nginx."""

from __future__ import annotations

import asyncio
import json as jsonlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.app import PASSWORD
from tests.cluster.running_cluster import RunningCluster

ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return jsonlib.loads(self.body)

    @property
    def data(self) -> Any:
        assert self.status < 300, f"{self.status}: {self.body.decode()}"
        return self.json["data"]


@dataclass(frozen=True)
class HttpsClient:
    """A new connection for each request, so that nginx chooses a process each time."""

    cluster: RunningCluster
    address: str = "127.0.0.1"
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, json: Any = None, *, body: bytes = b"", port: int | None = None, **headers: str
    ) -> Reply:
        """Underscores in the names of headers become dashes. `port` is for nginx's unencrypted servers."""
        if json is not None:
            body, headers = jsonlib.dumps(json).encode(), headers | {"Content_Type": "application/json"}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in (self.headers | headers).items()]
        lines += [f"Content-Length: {len(body)}"] if body else []
        head = "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {self.host}", "Connection: close", *lines, "", ""])
        return _parsed(await self._exchange(head.encode() + body, port))

    async def ask_raw(self, head: bytes) -> Reply:
        """With these very bytes between the usual headers and the end of the head."""
        usual = f"GET /tasks HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n".encode()
        return _parsed(await self._exchange(usual + head + b"\r\n"))

    async def pipeline(self, method: str, path: str, count: int, header: str = "X-Usual: yes") -> str:
        """All that comes back to `count` requests, sent at once over one connection."""
        request = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{header}\r\n"
        requests = f"{request}\r\n" * (count - 1) + f"{request}Connection: close\r\n\r\n"
        return (await self._exchange(requests.encode())).decode()

    async def _exchange(self, request: bytes, port: int | None = None) -> bytes:
        """Sends it, and gives all that comes until the server closes."""
        trust = None if port else self.cluster.trust
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port or self.cluster.port, ssl=trust, local_addr=(self.address, 0)
            )
            try:
                writer.write(request)
                return await reader.read()
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def register(self) -> HttpsClient:
        """A new user; the client that comes back is logged in."""
        email = f"{uuid4().hex}@example.org"
        data = (await self.ask("POST", "/auth/register", {"email": email, "password": PASSWORD})).data
        return HttpsClient(self.cluster, self.address, {"Authorization": f"Bearer {data['token']}"})

    @property
    def token(self) -> str:
        return self.headers["Authorization"].removeprefix("Bearer ")

    @property
    def host(self) -> str:
        return f"localhost:{self.cluster.port}"


def _parsed(answer: bytes) -> Reply:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunked(body)
    return Reply(int(first.split()[1]), headers, body)


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        whole, body = whole + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return whole

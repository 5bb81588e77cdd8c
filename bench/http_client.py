"""A keep-alive HTTP client that does little: what is measured is the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Any = None


class HttpClient:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def start(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def send(self, request: Request, token: str) -> Any:
        """The answer's JSON. Raises RuntimeError for an answer that is no success."""
        body = b"" if request.body is None else orjson.dumps(request.body)
        head = (
            f"{request.method} {request.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.partition("content-length: ")[2].partition("\r\n")[0])
        content = await self._reader.readexactly(length)
        if not answer.startswith("http/1.1 2"):
            raise RuntimeError(f"{request.method} {request.path}: {content[:200]!r}")
        return orjson.loads(content)


async def send_all(port: int, clients: int, count: int, each: Callable[[int], tuple[Request, str]]) -> None:
    """`each` gives the request with this number, and its token; so many clients share the numbers."""
    numbers = iter(range(count))

    async def work() -> None:
        client = HttpClient(port)
        await client.start()
        for number in numbers:
            await client.send(*each(number))
        await client.close()

    await asyncio.gather(*(work() for _ in range(clients)))

"""HTTP spoken byte by byte, for what no well-behaved client would do."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error_code(self) -> str:
        code: str = self.json["error"]["code"]
        return code


class RawClient:
    """One connection. `async with RawClient.to(port) as client: …`"""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> RawClient:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @classmethod
    async def to_unix(cls, path: Any) -> RawClient:
        return cls(*await asyncio.open_unix_connection(str(path)))

    async def __aenter__(self) -> RawClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def request(self, method: str, path: str, headers: str = "", body: bytes = b"") -> None:
        """`headers` are whole lines, each with its line end; Content-Length comes by itself when there is a body."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        await self.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}{length}\r\n".encode() + body)

    async def answer(self) -> RawAnswer:
        async with asyncio.timeout(ANSWER_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return RawAnswer(int(first.split()[1]), headers, body)

    async def is_closed(self) -> bool:
        """Waits for the server to end the connection; whatever it still says is passed over."""
        async with asyncio.timeout(ANSWER_SECONDS):
            try:
                while await self._reader.read(65536):
                    pass
            except ConnectionResetError:
                pass
        return True

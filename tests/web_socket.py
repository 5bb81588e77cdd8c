"""A client over a real socket, as programs of today use one: `async with web_socket(app, token=…) as tab`."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

DEADLINE_SECONDS = 5.0


class WebSocket:
    """`seen` are the ids of the numbered events that came, `epoch` the log's as `connected` or `resync` told it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seen: list[int] = []
        self.epoch = ""

    async def hear(self, seconds: float = DEADLINE_SECONDS) -> dict[str, Any]:
        """The next frame."""
        async with asyncio.timeout(seconds):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        if "id" in frame:
            self.seen.append(frame["id"])
        self.epoch = frame["payload"].get("epoch", self.epoch)
        return frame

    async def hear_until(self, event_id: int, seconds: float = DEADLINE_SECONDS) -> list[int]:
        """The ids seen so far, this one being the last."""
        async with asyncio.timeout(seconds):
            while self.seen[-1:] != [event_id]:
                await self.hear(seconds)
        return self.seen

    async def say(self, message: object) -> None:
        await self.connection.send(json.dumps(message))

    async def closed(self, seconds: float = DEADLINE_SECONDS) -> tuple[int | None, str]:
        """The server's code and reason, after whatever still came."""
        try:
            while True:
                await self.hear(seconds)
        except ConnectionClosed as end:
            return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (None, "")


@asynccontextmanager
async def web_socket(
    url: str,
    *,
    token: str | None = None,
    bearer: str | None = None,
    headers: Mapping[str, str] | None = None,
    origin: str | None = None,
    since: object = None,
    epoch: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[WebSocket]:
    """`url` is the server's, http. `token` goes into the query, `bearer` into the subprotocols."""
    query = {"token": token, "since": since, "epoch": epoch}
    target = f"{url}/ws?" + urlencode({name: value for name, value in query.items() if value is not None})
    async with connect(
        target.replace("http", "ws", 1),
        subprotocols=[Subprotocol("realtime.v1"), Subprotocol(f"bearer.{bearer}")] if bearer is not None else None,
        additional_headers={**(headers or {}), **({"Origin": origin} if origin else {})},
        proxy=None,
        ssl=tls,
        ping_interval=None,
        close_timeout=1,
    ) as connection:
        yield WebSocket(connection)

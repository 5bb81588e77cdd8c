"""A client that does what the contract asks of one: it keeps its position, comes back, and notes how long that took."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.cluster.https_client import HttpsClient

JITTER_SECONDS = 1.0
OPEN_SECONDS = 30.0
RETRIES_SECONDS = (0.1, 0.5)


class ReturningClient:
    """`acknowledged` gives the highest id that a writer of this user was told: whoever has it is up to date."""

    def __init__(self, person: HttpsClient, address: str, acknowledged: Callable[[], int] = lambda: 0) -> None:
        self.ids: list[int] = []
        self.frames: list[dict[str, Any]] = []
        self.close_codes: list[int] = []
        self.return_seconds: list[float] = []
        self.unrecovered = 0
        self.connection_id = ""
        self.position = 0
        self._epoch = ""
        self._person = person
        self._address = address
        self._acknowledged = acknowledged
        self._closed_at: float | None = None
        self._target = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[ReturningClient]:
        """Connected when the block begins; it comes back as long as the block lasts."""
        task = asyncio.create_task(self._run())
        try:
            await self.until(lambda: self.connection_id)
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, is_so: Callable[[], object], seconds: float = OPEN_SECONDS) -> None:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(is_so)

    async def until_position(self, position: int) -> None:
        await self.until(lambda: self.position >= position)

    async def _run(self) -> None:
        while True:
            try:
                async with self._socket() as socket:
                    await self._listen(socket)
            except (OSError, InvalidHandshake):
                await asyncio.sleep(random.uniform(*RETRIES_SECONDS))

    def _socket(self) -> connect:
        place = f"?since={self.position}&epoch={self._epoch}" if self._epoch else ""
        return connect(
            f"wss://{self._person.host}/ws{place}",
            ssl=self._person.cluster.trust,
            local_addr=(self._address, 0),
            subprotocols=["realtime.v1", f"bearer.{self._person.token}"],  # type: ignore[list-item]
            proxy=None,
            ping_interval=None,
            compression=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=1,
        )

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                async with self._changed:
                    self._hear(json.loads(frame))
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        self._closed_at = time.monotonic()
        self.close_codes.append(socket.close_code or 0)
        await asyncio.sleep(random.uniform(0, JITTER_SECONDS))

    def _hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "connected":
            self._welcome(frame["payload"])
        elif "id" in frame:
            self.ids.append(frame["id"])
            self.position = frame["id"]
            self._epoch = frame["epoch"]
        self.frames.append(frame)
        if self._closed_at is not None and self.position >= self._target:
            self.return_seconds.append(time.monotonic() - self._closed_at)
            self._closed_at = None

    def _welcome(self, payload: dict[str, Any]) -> None:
        if self._epoch and not payload["recovered"]:
            self.unrecovered += 1
        self.connection_id = payload["connectionId"]
        self.position, self._epoch = payload["lastEventId"], payload["epoch"]
        self._target = self._acknowledged()

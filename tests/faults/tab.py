"""One open tab: a WebSocket client that comes back as the browser client does, and keeps a record of what it saw."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from realtime_app.core.close_codes import CloseCode, Reconnect
from tests.faults.person import Person

# As in the browser client: web/src/realtime/{backoff,close-codes,connection}.ts.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
HANDSHAKE_SECONDS = 10.0
STABLE_SECONDS = 5.0
# At least so long, and by chance up to as much more.
WAITS_SECONDS = {
    Reconnect.AT_ONCE: (0.0, 1.0),
    Reconnect.AFTER_WAIT: (10.0, 10.0),
    Reconnect.AFTER_LONG_WAIT: (60.0, 60.0),
}


@dataclass(frozen=True)
class Liveness:
    """After how long a quiet line is asked, and how long the answer may take. The browser's own values."""

    quiet_seconds: float = 25.0
    answer_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """`line_since`: from when on the line that brought it stood, and the tab read what came."""

    event_id: int
    received_at: float
    line_since: float


@dataclass(frozen=True, slots=True)
class Return:
    """A connection that was made again. `up_to_date_seconds` count from its TCP connection."""

    connected_at: float
    up_to_date_seconds: float


@dataclass
class Record:
    """What a tab went through. `bodies` holds each event as it came."""

    receipts: list[Receipt] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    recovered: int = 0
    not_recovered: int = 0
    resyncs: list[dict[str, Any]] = field(default_factory=list)
    closes: list[int | None] = field(default_factory=list)
    began_at_id: int = 0

    @property
    def ids(self) -> list[int]:
        return [receipt.event_id for receipt in self.receipts]


class Tab:
    """`choose_port` is asked before each attempt, as a proxy in front would be.

    `known_id` gives the newest id of the user's log that anybody has been told of: a tab is up to date when it has
    reached what was known when its TCP connection stood. `able_since` tells from when on the process behind a port
    could serve it at all.
    """

    def __init__(
        self,
        person: Person,
        choose_port: Callable[[], int],
        *,
        liveness: Liveness | None = None,
        known_id: Callable[[], int] = lambda: 0,
        able_since: Callable[[int], float] = lambda port: 0.0,
        receive_buffer_bytes: int | None = None,
    ) -> None:
        self.person = person
        self.record = Record()
        self.position: tuple[int, str] | None = None
        self.is_live = False
        self.port = 0
        self.clock_error_seconds = 0.0
        self._choose_port = choose_port
        self._liveness = liveness or Liveness()
        self._known_id = known_id
        self._able_since = able_since
        self._receive_buffer_bytes = receive_buffer_bytes
        self._random = random.Random()
        self._reads = asyncio.Event()
        self._reads.set()
        self._news = asyncio.Event()
        self._line_since = 0.0
        self._awaited: tuple[int, float] | None = None
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._socket is not None:
            with suppress(OSError, WebSocketException):
                await self._socket.close()

    @property
    def last_id(self) -> int:
        return self.position[0] if self.position else 0

    async def until(self, is_true: Callable[[], object], what: str, seconds: float = 20.0) -> None:
        """Looks again whenever something has happened to this tab."""
        try:
            async with asyncio.timeout(seconds):
                while not is_true():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{what}; the tab is at {self.position}, closes {self.record.closes}") from None

    async def until_live(self) -> None:
        await self.until(lambda: self.is_live, "the tab never got connected")

    async def until_at(self, event_id: int, seconds: float = 20.0) -> None:
        await self.until(lambda: self.last_id >= event_id, f"event {event_id} never came", seconds)

    async def until_closed(self, times: int = 1, seconds: float = 20.0) -> None:
        await self.until(lambda: len(self.record.closes) >= times, "the tab was never sent away", seconds)

    async def until_resynced(self, seconds: float) -> None:
        await self.until(lambda: self.record.resyncs, "no resync came", seconds)

    # What a test does to it

    def cut(self) -> None:
        if self._socket is not None:
            self._socket.transport.abort()

    def stop_reading(self) -> None:
        self._reads.clear()
        self._line_since = float("inf")
        self._awaited = None

    def read_on(self) -> None:
        # What has piled up comes first: it is the tab's own delay.
        self._line_since = time.time() + 2.0
        self._reads.set()

    async def send(self, **message: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(message))

    # Coming back

    async def _run(self) -> None:
        failures = 0
        while True:
            code, lived_seconds = await self._live()
            reconnect = reconnect_after(code)
            if reconnect is Reconnect.NEVER:
                return
            failures = 0 if lived_seconds >= STABLE_SECONDS else failures
            await asyncio.sleep(self._wait_seconds(reconnect, failures))
            failures += 1

    def _wait_seconds(self, reconnect: Reconnect, failures: int) -> float:
        part = self._random.random()
        if reconnect in WAITS_SECONDS:
            least, jitter = WAITS_SECONDS[reconnect]
            return least + jitter * part
        return part * min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**failures)

    async def _live(self) -> tuple[int | None, float]:
        """One connection from its attempt to its end: the close code, and how long it was a good one."""
        live_since = float("inf")
        code: int | None = None
        try:
            await self._connect()
            live_since = time.monotonic()
            await self._listen()
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
        except (OSError, WebSocketException):  # TimeoutError is an OSError
            self.cut()
        if self.is_live:
            self.record.closes.append(code)
        self.is_live = False
        self._news.set()
        return code, time.monotonic() - live_since

    async def _connect(self) -> None:
        self._socket = None
        self.port = self._choose_port()
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            raw = await self._tcp_connection()
            connected_at = time.time()
            known_id = self._known_id()
            self._socket = await self._shake_hands(raw)
            self._begin(json.loads(await self._socket.recv()), connected_at, known_id)

    async def _shake_hands(self, raw: socket.socket) -> ClientConnection:
        try:
            return await connect(
                self._address(),
                sock=raw,
                subprotocols=[Subprotocol("realtime.v1"), Subprotocol(f"bearer.{self.person.token}")],
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=None,
                close_timeout=2,
                max_queue=4,
            )
        except BaseException:
            raw.close()
            raise

    async def _tcp_connection(self) -> socket.socket:
        raw = socket.socket()
        raw.setblocking(False)
        if self._receive_buffer_bytes is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer_bytes)
        try:
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self.port))
        except BaseException:
            raw.close()
            raise
        return raw

    def _address(self) -> str:
        address = f"ws://127.0.0.1:{self.port}/ws"
        return f"{address}?since={self.position[0]}&epoch={self.position[1]}" if self.position else address

    def _begin(self, frame: dict[str, Any], connected_at: float, known_id: int) -> None:
        assert frame["type"] == "connected", frame
        payload = frame["payload"]
        if self.position is None:
            self.record.began_at_id = payload["lastEventId"]
        elif payload["recovered"]:
            self.record.recovered += 1
            self._awaited = (known_id, connected_at) if self._reads.is_set() else None
        else:
            self.record.not_recovered += 1
        if not payload["recovered"]:
            self.position = payload["lastEventId"], payload["epoch"]
        self.is_live = True
        self._line_since = time.time() if self._reads.is_set() else float("inf")
        self._check_up_to_date()
        self._news.set()

    # Listening

    async def _listen(self) -> None:
        while True:
            await self._reads.wait()
            text = await self._next()
            self._hear(text, json.loads(text))

    async def _next(self) -> str:
        """The next message; a quiet line is asked, and taken for dead when it doesn't answer."""
        assert self._socket is not None
        try:
            async with asyncio.timeout(self._liveness.quiet_seconds):
                return await self._socket.recv(decode=True)
        except TimeoutError:
            await self.send(type="ping", timestamp=time.time() + self.clock_error_seconds)
        async with asyncio.timeout(self._liveness.answer_seconds):
            return await self._socket.recv(decode=True)

    def _hear(self, text: str, frame: dict[str, Any]) -> None:
        if "id" in frame:
            self.position = frame["id"], frame["epoch"]
            self.record.receipts.append(Receipt(frame["id"], time.time(), self._line_since))
            self.record.bodies.append(text)
        elif frame["type"] == "resync":
            self.record.resyncs.append(frame["payload"])
            self.position = frame["payload"]["lastEventId"], frame["payload"]["epoch"]
        elif frame["type"] == "pong":
            # It comes behind every event sent before it: one that is ahead of us tells of a lost event.
            assert (frame["payload"]["lastEventId"], frame["payload"]["epoch"]) == self.position, frame
        self._check_up_to_date()
        self._news.set()

    def _check_up_to_date(self) -> None:
        if self._awaited is not None and self.last_id >= self._awaited[0]:
            connected_at = max(self._awaited[1], self._able_since(self.port))
            self.record.returns.append(Return(connected_at, time.time() - connected_at))
            self._awaited = None


def reconnect_after(code: int | None) -> Reconnect:
    """A code that is not in the table is a lost line, as none is."""
    return next((known.reconnect for known in CloseCode if known == code), Reconnect.BACKING_OFF)

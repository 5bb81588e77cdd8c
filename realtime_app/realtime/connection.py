"""One client: its credential, its place in the event log, and the answers to what it says."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson

from realtime_app.auth.caller import Caller
from realtime_app.auth.tokens import MAX_TOKEN_BYTES
from realtime_app.core.close_codes import CloseCode
from realtime_app.core.events import ClientFrameType, FramePayload, FrameType, encode_frame, wire_instant
from realtime_app.core.frames import ping_frame, text_frame
from realtime_app.core.place import Place
from realtime_app.core.rate_window import Instants, RateWindow
from realtime_app.core.scopes import FAMILY_SCOPES, readable_families
from realtime_app.errors import AppError, ErrorCode
from realtime_app.metrics import RealtimeCounts
from realtime_app.realtime.client_socket import ClientSocket

log = logging.getLogger(__name__)

MESSAGE_RATE = RateWindow(most=20, seconds=10.0)
CONTROL_RATE = RateWindow(most=100, seconds=10.0)

_PING = ping_frame()
_ALL_FAMILIES = frozenset(FAMILY_SCOPES)


class Followed(Protocol):
    """The feed, as far as a connection needs it."""

    @property
    def place(self) -> Place:
        """That everybody in the feed has been brought to."""


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """What all connections share.

    `renew` checks a new token and gives its caller, or raises an AppError. `renewed` is told when one was taken.
    `closed` is told once, with the code of whoever closed.
    """

    clock: Callable[[], datetime]
    renew: Callable[[Connection, str], Awaitable[Caller]]
    renewed: Callable[[Connection], None]
    closed: Callable[[Connection, int | None], None]
    counts: RealtimeCounts = field(default_factory=RealtimeCounts)
    running_seconds: Callable[[], float] = time.monotonic


class Connection:
    """Owns its socket. `position` and `epoch` are its place until it follows a feed; then the feed's place is its own.

    `start` makes it hear its client: after `connected` was sent, which must be the first frame.
    """

    __slots__ = (
        "_around",
        "_feed",
        "_recent_controls",
        "_recent_messages",
        "_renewal",
        "caller",
        "connection_id",
        "epoch",
        "families",
        "heartbeat_slice",
        "owes_pong_since",
        "position",
        "socket",
    )

    def __init__(self, socket: ClientSocket, caller: Caller, connection_id: str, around: ConnectionContext) -> None:
        self.socket = socket
        self.caller = caller
        self.connection_id = connection_id
        self.families = _ALL_FAMILIES if caller.is_session else readable_families(caller.scopes)
        self.position = 0
        self.epoch = ""
        self.heartbeat_slice = 0
        self.owes_pong_since: int | None = None
        self._around = around
        self._feed: Followed | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._recent_messages: Instants = ()
        self._recent_controls: Instants = ()
        socket.attach(self)

    @property
    def user_id(self) -> str:
        return self.caller.user_id

    @property
    def credential_id(self) -> str:
        return self.caller.credential_id

    @property
    def hears_all(self) -> bool:
        return self.caller.is_session

    @property
    def is_greeted(self) -> bool:
        """It was sent `connected`, before which nothing may come."""
        return self.epoch != ""

    @property
    def is_open(self) -> bool:
        return self.socket.is_open

    @property
    def place(self) -> Place:
        return Place(self.position, self.epoch) if self._feed is None else self._feed.place

    def start(self) -> None:
        self.socket.start_reading()

    def follow(self, feed: Followed) -> None:
        self._feed = feed

    def fall_behind(self) -> None:
        """Follows its feed no more: keeps the place that the feed has brought it to."""
        (self.position, self.epoch), self._feed = self.place, None

    def close(self, code: int, reason: str) -> None:
        self.socket.close(code, reason)

    # Heartbeat

    def ping(self, tick: int) -> None:
        """The pong is owed since the oldest ping that had none."""
        if self.owes_pong_since is None:
            self.owes_pong_since = tick
        self.socket.send(_PING)

    def on_pong(self) -> None:
        if self.owes_pong_since is None:
            self._count_control_frame()
        self.owes_pong_since = None

    def on_ping(self) -> None:
        self._count_control_frame()

    # The client's messages

    def on_text(self, text: str) -> None:
        if not self._takes_one_more():
            return
        message = _parsed(text)
        if message is None:
            self._answer_error(ErrorCode.BAD_REQUEST, "A message must be a JSON object")
        elif message.get("type") == ClientFrameType.PING:
            self._answer_ping()
        elif message.get("type") == ClientFrameType.AUTH:
            self._answer_auth(message.get("payload"))
        else:
            known = ", ".join(f'"{known}"' for known in ClientFrameType)
            self._answer_error(ErrorCode.VALIDATION_ERROR, f"type: must be one of {known}")

    def on_binary(self) -> None:
        if self._takes_one_more():
            self._answer_error(ErrorCode.BAD_REQUEST, "A message must be a text frame")

    def on_closed(self, code: int | None, reason: str) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        self._around.closed(self, code)

    def _answer_ping(self) -> None:
        position, epoch = self.place
        self._answer(FrameType.PONG, {"epoch": epoch, "lastEventId": position})

    def _answer_auth(self, payload: object) -> None:
        token = payload.get("token") if isinstance(payload, dict) else None
        if not self.caller.is_session:
            self._answer_error(ErrorCode.AUTHORIZATION_ERROR, "The connection of an API key can't be renewed")
        elif not isinstance(token, str):
            self._answer_error(ErrorCode.VALIDATION_ERROR, "payload.token: must be a string")
        elif len(token) > MAX_TOKEN_BYTES:
            self._answer_error(ErrorCode.AUTHENTICATION_ERROR, "The token is too long")
        elif self._renewal is not None:
            self._answer_error(ErrorCode.RATE_LIMITED, "Another token is being checked; try again when it is answered")
        else:
            self._renewal = asyncio.get_running_loop().create_task(self._renew(token))

    async def _renew(self, token: str) -> None:
        try:
            self._take(await self._around.renew(self, token))
        except AppError as error:
            self._answer_error(error.code, error.message)
        except Exception:
            log.exception("a connection's token could not be renewed")
            self._answer_error(ErrorCode.INTERNAL_ERROR, "Something went wrong on our side")
        finally:
            self._renewal = None

    def _take(self, caller: Caller) -> None:
        if caller.user_id != self.caller.user_id or not caller.is_session:
            self._answer_error(ErrorCode.AUTHENTICATION_ERROR, "The token is not this user's")
            return
        self.caller = caller
        expires_at = wire_instant(caller.expires_at) if caller.expires_at else None
        self._answer(FrameType.AUTH_OK, {"expiresAt": expires_at})
        self._around.renewed(self)

    def _answer_error(self, code: ErrorCode, message: str) -> None:
        self._answer(FrameType.ERROR, {"code": code, "message": message})

    def _answer(self, frame_type: FrameType, payload: FramePayload) -> None:
        self.socket.send(text_frame(encode_frame(frame_type, payload, self._around.clock())))

    # Floods

    def _takes_one_more(self) -> bool:
        self._around.counts.client_messages += 1
        self._recent_messages = MESSAGE_RATE.count_one(self._recent_messages, self._around.running_seconds())
        is_too_many = MESSAGE_RATE.is_passed_by(self._recent_messages)
        if is_too_many:
            self.close(CloseCode.TOO_MANY_MESSAGES, "too many messages")
        return not is_too_many

    def _count_control_frame(self) -> None:
        self._recent_controls = CONTROL_RATE.count_one(self._recent_controls, self._around.running_seconds())
        if CONTROL_RATE.is_passed_by(self._recent_controls):
            self.close(CloseCode.TOO_MANY_MESSAGES, "too many control frames")


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message, dict) else None

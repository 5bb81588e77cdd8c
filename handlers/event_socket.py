"""`GET /ws`: who may open a socket, and from where. What happens on it afterwards is the reception's and the hub's."""

from __future__ import annotations

from handlers.bounded_body import BoundedBodyHandler
from handlers.dependencies import Dependencies
from realtime_app.auth.caller import Caller
from realtime_app.core.close_codes import CloseCode
from realtime_app.core.place import Place
from realtime_app.errors import (
    AuthenticationFailed,
    MalformedBody,
    RealtimeUnavailable,
    TooManyRequests,
)
from realtime_app.realtime.client_socket import ClientSocket
from realtime_app.realtime.upgrade import DetachedWebSocketHandler

SUBPROTOCOL = "realtime.v1"
_BEARER = "bearer."

FULL_RETRY_SECONDS = 60
"""A client that knows no close code 4013 is refused before the upgrade: only that makes it back off."""

_MOST_POSITION = 2**63 - 1


class EventSocketHandler(BoundedBodyHandler, DetachedWebSocketHandler):
    """Everything is refused before the upgrade but a bad credential: that is accepted, then closed with 4001, for a
    refused upgrade looks to a browser like a fault of the network."""

    def initialize(self, dependencies: Dependencies, route: str) -> None:
        super().initialize(dependencies, route)
        self.caller: Caller | None = None
        self.refusal = ""
        self.revocations_seen = 0
        if dependencies.realtime is not None:
            self.poller = dependencies.realtime.poller

    async def admit(self) -> None:
        if self.request.method != "GET":
            return
        if self.dependencies.realtime is None:
            raise RealtimeUnavailable
        self._refuse_other_requests()
        self.refuse_foreign_pages()
        self.revocations_seen = self.dependencies.realtime.reception.revocations_seen
        await self._identify()
        if self.caller is not None and SUBPROTOCOL not in self._offered():
            self._refuse_when_full(self.caller)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """A token that is no UTF-8 is a bad credential, and such a position none: Tornado would answer 400."""
        return value.decode(errors="replace")

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    async def on_socket(self, socket: ClientSocket) -> None:
        realtime = self.dependencies.realtime
        if realtime is None or self.caller is None:
            socket.close(CloseCode.CREDENTIAL_REFUSED, self.refusal)
        else:
            realtime.reception.welcome(socket, self.caller, self._since(), revocations_seen=self.revocations_seen)

    def _refuse_other_requests(self) -> None:
        """What Tornado would refuse later and in plain text."""
        headers = self.request.headers
        connection = [word.strip().lower() for word in headers.get("Connection", "").split(",")]
        if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in connection:
            raise MalformedBody("This address speaks WebSocket only: send Connection: Upgrade, Upgrade: websocket")
        if headers.get("Sec-WebSocket-Version") != "13" or not headers.get("Sec-WebSocket-Key"):
            raise MalformedBody("Send Sec-WebSocket-Version: 13 and a Sec-WebSocket-Key")

    async def _identify(self) -> None:
        address = self.client_address
        attempts = self.dependencies.failed_attempts
        if (wait := attempts.retry_after_seconds(address)) is not None:
            raise TooManyRequests("Too many bad credentials from this address", retry_after_seconds=wait)
        try:
            self.caller = await self._authenticate()
        except AuthenticationFailed as error:
            attempts.record(address)
            self.refusal = error.message

    async def _authenticate(self) -> Caller:
        """The first kind of credential that is there decides: a bad one isn't covered up by a second."""
        authenticator = self.dependencies.authenticator
        token = self.get_query_argument("token", None)
        if token is None:
            token = next((word.removeprefix(_BEARER) for word in self._offered() if word.startswith(_BEARER)), None)
        if token is not None:
            return await authenticator.authenticate_token(token)
        headers = self.request.headers
        return await authenticator.authenticate(headers.get("Authorization"), headers.get("X-API-Key"))

    def _offered(self) -> list[str]:
        return [word.strip() for word in self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")]

    def _refuse_when_full(self, caller: Caller) -> None:
        realtime = self.dependencies.realtime
        if realtime is not None and realtime.hub.is_full(caller.user_id):
            raise TooManyRequests("Too many open connections", retry_after_seconds=FULL_RETRY_SECONDS)

    def _since(self) -> Place | None:
        """The place that the client has reached; what isn't a whole number with an epoch counts as none."""
        since, epoch = self.get_query_argument("since", ""), self.get_query_argument("epoch", "")
        if not (since.isascii() and since.isdecimal() and len(since) <= 19 and epoch):
            return None
        position = int(since)
        return Place(position, epoch) if position <= _MOST_POSITION else None

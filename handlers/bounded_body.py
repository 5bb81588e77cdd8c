"""The body of a request while it arrives: no more than 1 MiB of it is kept, and nothing of one that is refused."""

from __future__ import annotations

import sys
from typing import Any, ClassVar, NoReturn

from tornado.web import RequestHandler, stream_request_body

from handlers.dependencies import Dependencies
from handlers.planner_handler import PlannerHandler
from realtime_app.errors import AppError, BodyTooLarge

MAX_BODY_BYTES = 1024 * 1024

SWALLOWED_BODY_BYTES = 8 * MAX_BODY_BYTES
"""A refused body up to this size is read and thrown away, so that the refusal arrives and the connection lives on."""

_MOST_LENGTH_DIGITS = len(str(sys.maxsize))


@stream_request_body
class BoundedBodyHandler(PlannerHandler):
    """A subclass says in `admit` whom it refuses before the body, and by `keeps_body` whether it looks at one."""

    keeps_body: ClassVar[bool] = False

    def initialize(self, dependencies: Dependencies, route: str) -> None:
        super().initialize(dependencies, route)
        self.received_body = bytearray()
        self._received_bytes = 0
        self._refusal: AppError | None = None

    async def admit(self) -> None:
        """Raises AppError for a request that is refused whatever its body says."""

    async def prepare(self) -> None:
        if self.request.method == "OPTIONS":
            return
        try:
            await self.admit()
            if self._announced_bytes() > MAX_BODY_BYTES:
                raise _too_large()
        except AppError as refusal:
            if self._announced_bytes() > SWALLOWED_BODY_BYTES:
                raise
            self._refuse(refusal)

    def data_received(self, chunk: bytes) -> None:
        self._received_bytes += len(chunk)
        if self._received_bytes > SWALLOWED_BODY_BYTES:
            self._cut_off()
        elif self._received_bytes > MAX_BODY_BYTES and self._refusal is None:
            self._refuse(_too_large())
        elif self.keeps_body and self._refusal is None:
            self.received_body += chunk

    def on_connection_close(self) -> None:
        super().on_connection_close()
        # Of sockets Tornado's own forgets it, and the handler would wait for the rest of the body for ever.
        RequestHandler.on_connection_close(self)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if max(self._announced_bytes(), self._received_bytes) > SWALLOWED_BODY_BYTES:
            self.set_header("Connection", "close")
        super().write_error(status_code, **kwargs)

    def _refuse(self, refusal: AppError) -> None:
        """Answers with `refusal` once the body has been taken: closing before that loses the answer on its way."""

        def raise_refusal(*_: str) -> NoReturn:
            raise refusal

        self.received_body.clear()
        self._refusal = refusal
        setattr(self, (self.request.method or "").lower(), raise_refusal)

    def _cut_off(self) -> None:
        """Answers in the middle of the body, upon which Tornado closes the connection."""
        refusal = self._refusal or _too_large()
        self.send_error(exc_info=(type(refusal), refusal, None))

    def _announced_bytes(self) -> int:
        length = self.request.headers.get("Content-Length", "0")
        if not length.isdecimal():
            return 0
        return int(length) if len(length) <= _MOST_LENGTH_DIGITS else sys.maxsize


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes")

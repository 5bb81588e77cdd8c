"""What REST and the socket's handshake share: the headers of every answer, and errors in the one envelope."""

from __future__ import annotations

import logging
import re
from types import TracebackType
from typing import Any
from uuid import uuid4

from tornado.web import HTTPError, RequestHandler

from handlers.cors import cors_headers
from handlers.dependencies import Dependencies
from handlers.envelopes import STATUSES, as_app_error, failure
from realtime_app.errors import AppError, ErrorCode

log = logging.getLogger(__name__)

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


class JsonAnswers(RequestHandler):
    """`route` is the pattern of the URL table that matched: metrics and logs name it instead of the path."""

    def initialize(self, dependencies: Dependencies, route: str) -> None:
        self.dependencies = dependencies
        self.route = route

    def set_default_headers(self) -> None:
        request_id = self.request.headers.get("X-Request-Id", "")
        self.request_id = request_id if _SANE_REQUEST_ID.fullmatch(request_id) else str(uuid4())
        self.set_header("X-Request-Id", self.request_id)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        origin = self.request.headers.get("Origin")
        for name, value in cors_headers(origin, self.dependencies.settings.cors_origins).items():
            self.set_header(name, value)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        exc_info = kwargs.get("exc_info")
        error = as_app_error(exc_info[1] if exc_info else HTTPError(status_code))
        self.set_status(STATUSES[error.code])
        if error.retry_after_seconds is not None:
            self.set_header("Retry-After", str(error.retry_after_seconds))
        if error.code is ErrorCode.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self._allowed_methods()))
        self.finish(failure(error))

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        if not isinstance(value, (AppError, HTTPError)):
            log.error("unhandled error in %s %s", self.request.method, self.route, exc_info=value)

    def _allowed_methods(self) -> list[str]:
        unimplemented = RequestHandler._unimplemented_method
        return [name for name in self.SUPPORTED_METHODS if getattr(type(self), name.lower()) is not unimplemented]

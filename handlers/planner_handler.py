"""What all handlers share, of pages and sockets too: headers, preflights, errors in one envelope, log and count."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any
from uuid import uuid4

from tornado.web import HTTPError, RequestHandler

from handlers.client_address import client_address
from handlers.cors import PREFLIGHT_HEADERS, cors_headers
from handlers.dependencies import Dependencies
from handlers.envelopes import STATUSES, as_app_error, failure
from realtime_app.errors import AppError, ErrorCode, ForeignOrigin
from realtime_app.logs import with_fields

log = logging.getLogger(__name__)

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


class PlannerHandler(RequestHandler):
    """`route` is the pattern of the URL table that matched: metrics and logs name it instead of the path."""

    request_id = ""

    def initialize(self, dependencies: Dependencies, route: str) -> None:
        self.dependencies = dependencies
        self.route = route
        self.answer_bytes = 0
        dependencies.in_flight.enter(self)

    def set_default_headers(self) -> None:
        # Tornado calls this before `initialize`, and again when an error throws away what was set so far.
        self.request_id = self.request_id or self._given_request_id() or str(uuid4())
        self.set_header("X-Request-Id", self.request_id)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.set_each_header(cors_headers(self.request.headers.get("Origin"), self.settings["cors_origins"]))

    def set_each_header(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            self.set_header(name, value)

    @cached_property
    def client_address(self) -> str:
        """The client's own address, also behind proxies that are trusted."""
        return client_address(self.request, self.dependencies.settings)

    def refuse_foreign_pages(self) -> None:
        """By Tornado's own rule; who sends no Origin is no page. Raises ForeignOrigin."""
        is_nobodys = self.request.headers.get("Origin") == "null"
        if is_nobodys or self._check_cross_origin(self.check_trusted_origin) is not None:
            raise ForeignOrigin

    def check_trusted_origin(self, origin: str) -> bool:
        """Asked only about origins that aren't the server's own by Tornado's rule."""
        return origin in self.settings["cors_origins"]

    def options(self, *_: str) -> None:
        self.set_each_header(PREFLIGHT_HEADERS)
        self.set_status(204)

    def write(self, chunk: str | bytes | dict[str, Any]) -> None:
        self.answer_bytes += len(chunk) if isinstance(chunk, bytes) else 0
        super().write(chunk)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        exc_info = kwargs.get("exc_info")
        error = as_app_error(exc_info[1] if exc_info else HTTPError(status_code))
        self.set_status(STATUSES[error.code])
        if error.retry_after_seconds is not None:
            self.set_header("Retry-After", str(error.retry_after_seconds))
        if error.code is ErrorCode.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self.allowed_methods()))
        self.finish(failure(error))

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        if not isinstance(value, (AppError, HTTPError)):
            log.error(
                "unhandled error in %s %s",
                self.request.method,
                self.route,
                exc_info=value,
                extra=with_fields(request=self.request_id),
            )

    def on_finish(self) -> None:
        self.dependencies.in_flight.leave(self)
        self.dependencies.metrics.request_finished(
            self.request.method or "", self.route, self.get_status(), self.request.request_time()
        )

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.dependencies.in_flight.leave(self)

    def _given_request_id(self) -> str | None:
        given = self.request.headers.get("X-Request-Id", "")
        return given if _SANE_REQUEST_ID.fullmatch(given) else None

    @classmethod
    def allowed_methods(cls) -> list[str]:
        unimplemented = RequestHandler._unimplemented_method
        return [name for name in cls.SUPPORTED_METHODS if getattr(cls, name.lower()) is not unimplemented]

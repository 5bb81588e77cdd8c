"""One line in the log for each request that was answered. Paths are shown without their query: it may hold tokens."""

from __future__ import annotations

import logging

from tornado.web import RequestHandler

from realtime_app.logs import log_event

log = logging.getLogger(__name__)

_MOST_PATH_CHARACTERS = 200


def log_request(handler: RequestHandler) -> None:
    """Tornado's `log_function`."""
    request = handler.request
    path = request.path[:_MOST_PATH_CHARACTERS]
    caller = getattr(handler, "caller", None)
    log_event(
        log,
        f"{request.method} {path} {handler.get_status()}",
        ms=round(request.request_time() * 1000, 1),
        bytes=getattr(handler, "answer_bytes", None),
        request=getattr(handler, "request_id", None),
        user=caller and caller.user_id,
        address=getattr(handler, "client_address", None),
    )

"""The whole URL table. The first pattern that fits a path serves it, so fixed names stand before ids."""

from __future__ import annotations

import re
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import URLSpec
from tornado.web import Application

from handlers.access import access_of
from handlers.api_keys import ApiKeyHandler, ApiKeyListHandler
from handlers.base import ApiHandler
from handlers.bounded_body import BoundedBodyHandler
from handlers.dependencies import Dependencies
from handlers.event_socket import EventSocketHandler
from handlers.operations import LivenessHandler, MetricsHandler, ReadinessHandler
from handlers.pages import AppPageHandler, AssetHandler, UnknownPathHandler
from handlers.sessions import LogoutHandler, SessionHandler, SessionListHandler
from handlers.subtasks import SubtaskBatchHandler, SubtaskHandler, SubtaskListHandler, SubtaskReorderHandler
from handlers.tasks import (
    TaskCompleteHandler,
    TaskHandler,
    TaskListHandler,
    TaskReorderHandler,
    TaskRestoreHandler,
    TaskUncompleteHandler,
)
from handlers.time_blocks import (
    TimeBlockAutoScheduleHandler,
    TimeBlockCascadeResizeHandler,
    TimeBlockHandler,
    TimeBlockListHandler,
    TimeBlockQuickScheduleHandler,
    TimeBlockRestoreHandler,
)
from handlers.users import LoginHandler, PasswordHandler, ProfileHandler, RefreshHandler, RegisterHandler

_ID = r"([^/]+)"
_FILE = r"([\w-][\w.-]*)"
_ANY = r"(.*)"

_SCHEME_AND_HOST = re.compile(r"^https?://[^/]*", re.IGNORECASE)

ROUTES: tuple[tuple[str, type[BoundedBodyHandler]], ...] = (
    # Realtime; first, because the patterns are tried in this order and reconnects come by the thousand
    (r"/ws", EventSocketHandler),
    # Operations
    (r"/healthz", LivenessHandler),
    (r"/readyz", ReadinessHandler),
    (r"/metrics", MetricsHandler),
    # Auth and profile
    (r"/auth/register", RegisterHandler),
    (r"/auth/login", LoginHandler),
    (r"/auth/logout", LogoutHandler),
    (r"/auth/refresh", RefreshHandler),
    (r"/auth/me", ProfileHandler),
    (r"/auth/change-password", PasswordHandler),
    (r"/auth/sessions", SessionListHandler),
    (rf"/auth/sessions/{_ID}", SessionHandler),
    # Tasks
    (r"/tasks", TaskListHandler),
    (r"/tasks/reorder", TaskReorderHandler),
    (r"/tasks/subtasks-batch", SubtaskBatchHandler),
    (rf"/tasks/{_ID}", TaskHandler),
    (rf"/tasks/{_ID}/restore", TaskRestoreHandler),
    (rf"/tasks/{_ID}/complete", TaskCompleteHandler),
    (rf"/tasks/{_ID}/uncomplete", TaskUncompleteHandler),
    (rf"/tasks/{_ID}/subtasks", SubtaskListHandler),
    (rf"/tasks/{_ID}/subtasks/reorder", SubtaskReorderHandler),
    (rf"/tasks/{_ID}/subtasks/{_ID}", SubtaskHandler),
    # Time blocks
    (r"/time-blocks", TimeBlockListHandler),
    (r"/time-blocks/quick-schedule", TimeBlockQuickScheduleHandler),
    (r"/time-blocks/auto-schedule", TimeBlockAutoScheduleHandler),
    (rf"/time-blocks/{_ID}", TimeBlockHandler),
    (rf"/time-blocks/{_ID}/cascade-resize", TimeBlockCascadeResizeHandler),
    (rf"/time-blocks/{_ID}/restore", TimeBlockRestoreHandler),
    # API keys
    (r"/api-keys", ApiKeyListHandler),
    (rf"/api-keys/{_ID}", ApiKeyHandler),
    # Pages
    (r"/", AppPageHandler),
    (r"/app", AppPageHandler),
    (rf"/app/{_ANY}", AppPageHandler),
    (rf"/assets/{_FILE}", AssetHandler),
    (_ANY, UnknownPathHandler),
)


class Site(Application):
    """The URL table, in Tornado's hands."""

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        # What is sent to a proxy, and may be sent to any server: RFC 9112, 3.2.2.
        request.path = _SCHEME_AND_HOST.sub("", request.path) or "/"
        return super().find_handler(request, **kwargs)


def url_specs(dependencies: Dependencies) -> list[URLSpec]:
    """Raises TypeError for a handler with a method that doesn't say who may call it."""
    for _, handler in ROUTES:
        check_access(handler)
    return [
        URLSpec(pattern, handler, {"dependencies": dependencies, "route": route_name(pattern)})
        for pattern, handler in ROUTES
    ]


def check_access(handler: type[BoundedBodyHandler]) -> None:
    """Raises TypeError. Assets and the event socket are no ApiHandlers: they decide by themselves."""
    if issubclass(handler, ApiHandler):
        for method in set(handler.allowed_methods()) - {"OPTIONS"}:
            access_of(getattr(handler, method.lower()))


def route_name(pattern: str) -> str:
    """The pattern as people write it, which labels logs and metrics: `/tasks/{id}`."""
    return pattern.replace(_ID, "{id}").replace(_FILE, "{file}").replace(_ANY, "{path}")

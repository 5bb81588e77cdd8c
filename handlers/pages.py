"""The browser app's files, and the answer for every path that nothing else serves."""

from __future__ import annotations

import re
from pathlib import Path

from tornado.web import StaticFileHandler

import realtime_app
from handlers.access import public
from handlers.base import ApiHandler
from handlers.bounded_body import BoundedBodyHandler
from handlers.dependencies import Dependencies
from handlers.rate_limited import unlimited
from realtime_app.errors import NotFound

STATIC = Path(realtime_app.__file__).parent / "static"

_HASHED_NAME = re.compile(r"-[\w-]{8}\.\w+$")
_YEAR_SECONDS = 365 * 86400
_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https: http:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NOT_BUILT = """<!doctype html>
<html lang="en"><title>The browser app is not built</title>
<h1>The browser app is not built</h1>
<p>The API works all the same. Run <code>make web</code> and load this page again.</p>
</html>
"""


class AppPageHandler(ApiHandler):
    """The one page of the browser app; the path below `/app/` is the app's own business."""

    @unlimited
    @public
    def get(self, _path: str = "") -> None:
        self.set_each_header(_SECURITY_HEADERS)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "no-cache")
        page = STATIC / "index.html"
        self.finish(page.read_bytes() if page.is_file() else _NOT_BUILT.encode())


class AssetHandler(BoundedBodyHandler, StaticFileHandler):
    """A file whose name holds a hash of its content never changes: what was fetched once is never asked for again."""

    def initialize(self, dependencies: Dependencies, route: str) -> None:  # type: ignore[override]
        BoundedBodyHandler.initialize(self, dependencies, route)
        StaticFileHandler.initialize(self, path=str(STATIC / "assets"))

    async def admit(self) -> None:
        # Nobody resumes a file this small, and Tornado refuses a range in a shape of its own.
        self.request.headers.pop("Range", None)

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Accept-Ranges", "none")
        self.set_each_header(_SECURITY_HEADERS)
        lasting = f"public, max-age={_YEAR_SECONDS}, immutable"
        self.set_header("Cache-Control", lasting if _HASHED_NAME.search(path) else "no-cache")


class UnknownPathHandler(ApiHandler):
    """The JSON 404, whatever the method."""

    @public
    def get(self, _path: str) -> None:
        raise NotFound("Route")

    post = put = patch = delete = get

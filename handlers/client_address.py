"""The address of the client of a request, as far as proxies may be believed."""

from __future__ import annotations

from tornado.httputil import HTTPServerRequest

from realtime_app.config import Settings
from realtime_app.core import addresses

# What Tornado gives as the address of a unix socket's peer; no TCP peer can have it.
_UNIX = "0.0.0.0"


def client_address(request: HTTPServerRequest, settings: Settings) -> str:
    forwarded_for = request.headers.get("X-Forwarded-For", "")
    return addresses.client_address(_peer(request), forwarded_for, settings.trusted_proxies)


def _peer(request: HTTPServerRequest) -> str | None:
    return None if request.remote_ip == _UNIX else request.remote_ip

"""Cross-origin rules: which pages of other origins may read the answers, and what they may send."""

from __future__ import annotations

from collections.abc import Collection

# The wire's contract fixes both lists: clients of other servers of this API send and read Idempotency-*, which this one
# doesn't serve.
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Content-Type, Authorization, X-API-Key, X-Connection-Id, X-Request-Id, "
        "If-Match, If-None-Match, Idempotency-Key, Last-Event-ID"
    ),
    "Access-Control-Max-Age": "86400",
}

EXPOSED_HEADERS = (
    "ETag, Last-Event-Id, Event-Epoch, X-Request-Id, Retry-After, "
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy, Idempotency-Replayed"
)


def cors_headers(origin: str | None, allowed_origins: Collection[str]) -> dict[str, str]:
    """For every answer, errors included; `Vary` also where the origin isn't listed, for the caches in between."""
    headers = {"Vary": "Origin"}
    if origin is not None and origin in allowed_origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    return headers

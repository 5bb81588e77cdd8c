"""If-Match: a change that was made for an older version of a row is refused."""

from __future__ import annotations

from collections.abc import Collection

from realtime_app.errors import VersionStale
from realtime_app.services.representations import JsonObject


def require_version(what: str, current: JsonObject, if_match: Collection[int] | None) -> None:
    """`if_match` None asks for nothing. Raises VersionStale with the row as it now stands."""
    if if_match is not None and current["version"] not in if_match:
        raise VersionStale(what, current)

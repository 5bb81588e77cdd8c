"""Reads REDIS_URL as far as redis-py's own parser doesn't: several hosts, behind Sentinel or in a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, urlencode

Host = tuple[str, int]
"""A name or address, and a port."""

SCHEMES = (
    "redis://",
    "rediss://",
    "unix://",
    "redis+sentinel://",
    "rediss+sentinel://",
    "redis+cluster://",
    "rediss+cluster://",
)

_SEVERAL = re.compile(
    r"(?P<scheme>rediss?)\+(?P<kind>sentinel|cluster)://(?:(?P<credentials>[^@/?#]*)@)?(?P<hosts>[^@/?#]+)"
    r"(?:/(?P<path>[^?#]*))?(?:\?(?P<query>[^#]*))?"
)
_OF_SENTINEL = "sentinel_"
_SENTINEL_OPTIONS = frozenset({"sentinel_username", "sentinel_password"})
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:,\s]+)(?::([0-9]{1,5}))?")


class RedisKind(Enum):
    """The value is the port where nothing else is said."""

    SENTINEL = 26379
    CLUSTER = 6379


@dataclass(frozen=True, slots=True)
class RedisHosts:
    """A URL that names several hosts. `master` is the name that Sentinel knows the master by, empty in a cluster."""

    kind: RedisKind
    hosts: tuple[Host, ...]
    master: str
    shown: str
    """Fit for logs: no credentials, no options."""
    sentinel_options: dict[str, str]
    """`username` and `password` for the sentinels themselves, where these want any."""
    _scheme: str
    _credentials: str
    _database: str
    _query: str

    def server_url(self, host: Host) -> str:
        """The URL of a Redis server at this place, for redis-py, with all credentials and options."""
        name = f"[{host[0]}]" if ":" in host[0] else host[0]
        credentials = f"{self._credentials}@" if self._credentials else ""
        query = f"?{self._query}" if self._query else ""
        return f"{self._scheme}://{credentials}{name}:{host[1]}/{self._database}{query}"


def redis_hosts(url: str) -> RedisHosts | None:
    """None for a URL of a single server, which redis-py reads.

    Raises:
        ValueError: several hosts are meant, but not well written. The text never holds the URL.
    """
    if "+" not in url.partition("://")[0]:
        return None
    parts = _SEVERAL.fullmatch(url)
    if parts is None:
        raise ValueError("must be like redis+sentinel://host1,host2/mymaster or redis+cluster://host1,host2")
    kind = RedisKind[parts["kind"].upper()]
    options = dict(parse_qsl(parts["query"] or ""))
    sentinel_options = {
        name.removeprefix(_OF_SENTINEL): options.pop(name) for name in list(options) if name in _SENTINEL_OPTIONS
    }
    master, database = _master_and_database(kind, parts["path"] or "")
    return RedisHosts(
        kind,
        tuple(_host(word, kind) for word in parts["hosts"].split(",")),
        master,
        f"{parts['scheme']}+{parts['kind']}://{parts['hosts']}" + (f"/{master}" if master else ""),
        sentinel_options,
        parts["scheme"],
        parts["credentials"] or "",
        database,
        urlencode(options),
    )


def _master_and_database(kind: RedisKind, path: str) -> tuple[str, str]:
    first, _, second = path.partition("/")
    if kind is RedisKind.CLUSTER:
        if path not in ("", "0"):
            raise ValueError("a Redis Cluster has no database but 0")
        return "", "0"
    if not first or (second and not second.isdecimal()):
        raise ValueError("must name the master after the sentinels: redis+sentinel://host1,host2/mymaster/0")
    return first, second or "0"


def _host(word: str, kind: RedisKind) -> Host:
    found = _HOST.fullmatch(word)
    if found is None or int(found[2] or 1) > 65535:
        raise ValueError("must name hosts like host1:6379,host2:6379")
    return found[1].strip("[]"), int(found[2] or kind.value)

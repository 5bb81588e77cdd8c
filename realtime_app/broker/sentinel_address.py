"""Where the master is that the sentinels name, asked anew for each connection. The asking is redis-py's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from redis.asyncio import Redis, Sentinel, SSLConnection
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from realtime_app.broker.redis_address import RedisAddress
from realtime_app.core.redis_url import Host, RedisHosts

AnyProtocol = TypeVar("AnyProtocol", bound=asyncio.BaseProtocol)

SENTINEL_TIMEOUT_SECONDS = 0.5
"""A sentinel that hangs must not use up the time that one connection may take."""


class SentinelAddress:
    """The master of one name, over TCP or TLS. Its `str()` is fit for logs."""

    def __init__(self, url: RedisHosts) -> None:
        """Connect nothing.

        Raises:
            ValueError: redis-py doesn't understand the options. The text never holds the URL.
        """
        self._url = url
        self._shown = url.shown
        self._opened: Host | None = None
        self.auth = RedisAddress(url.server_url(url.hosts[0])).auth
        options, sentinel_options = _options(url)
        self._sentinel = Sentinel(url.hosts, sentinel_kwargs=sentinel_options)  # type: ignore[no-untyped-call]
        self.client: Redis = self._sentinel.master_for(url.master, **options)

    def __str__(self) -> str:
        return self._shown

    async def open(self, protocol_factory: Callable[[], AnyProtocol]) -> AnyProtocol:
        """Connect a protocol of one's own to the present master, and let `client` connect anew as well.

        Else it might go on with the old master: redis-py leaves a connection alone that is in use when the master
        changes.

        Raises:
            OSError: no sentinel names a master, or the master can't be reached.
        """
        await self.client.connection_pool.disconnect(inuse_connections=True)
        try:
            self._opened = await self._master()
        except RedisError:
            raise ConnectionRefusedError("no sentinel names a master") from None
        return await RedisAddress(self._url.server_url(self._opened)).open(protocol_factory)

    async def has_moved(self) -> bool:
        """True when the sentinels name another master than the one that was opened last.

        The old one may still be there, cut off from everybody else.
        """
        try:
            return await self._master() != self._opened
        except RedisError:
            return False

    async def close(self) -> None:
        await self.client.aclose()
        await self._sentinel.aclose()

    async def _master(self) -> Host:
        pool = self.client.connection_pool
        assert isinstance(pool, SentinelConnectionPool)
        name, port = await pool.get_master_address()  # type: ignore[no-untyped-call]
        return str(name), int(port)


def _options(url: RedisHosts) -> tuple[dict[str, Any], dict[str, Any]]:
    """What redis-py is to be told for the server and for the sentinels, which have credentials of their own."""
    options: dict[str, Any] = dict(parse_url(url.server_url(url.hosts[0])))
    for name in ("host", "port"):
        options.pop(name, None)
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    options |= {"protocol": 2, "driver_info": None, "socket_timeout": None, "retry": Retry(NoBackoff(), 0)}
    timeouts = {"socket_timeout": SENTINEL_TIMEOUT_SECONDS, "socket_connect_timeout": SENTINEL_TIMEOUT_SECONDS}
    credentials = {"db": 0, "username": None, "password": None} | url.sentinel_options
    return options, options | timeouts | credentials

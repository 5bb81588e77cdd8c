"""Where Redis is and how to log in, read from REDIS_URL by redis-py's own parser so that both connections agree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from redis.asyncio import Connection, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

AnyProtocol = TypeVar("AnyProtocol", bound=asyncio.BaseProtocol)


class Address(Protocol):
    """Where to publish and subscribe: `client` and `auth` are redis-py's client and the arguments of AUTH."""

    @property
    def client(self) -> Redis: ...

    @property
    def auth(self) -> tuple[str, ...]: ...

    async def open(self, protocol_factory: Callable[[], AnyProtocol]) -> AnyProtocol:
        """Connect a protocol of one's own. Raises OSError."""

    async def has_moved(self) -> bool:
        """True when a connection opened now would lead elsewhere than the last one."""

    async def close(self) -> None: ...


class RedisAddress:
    """One server, over TCP, TLS or a unix socket. Its `str()` is fit for logs: no credentials, no options."""

    def __init__(self, url: str) -> None:
        """Read the URL, connect nothing.

        Raises:
            ValueError: it is none of redis://, rediss:// and unix://. The text never holds the URL.
        """
        try:
            self.client: Redis = _client(url)
            pool = self.client.connection_pool
            self._options = pool.connection_class(**pool.connection_kwargs)
            self._shown = _without_secrets(url)
        except (ValueError, TypeError):
            # The parsers' complaints quote what they stumbled on, which may be half a password.
            raise ValueError("not a valid redis://, rediss:// or unix:// URL") from None

    def __str__(self) -> str:
        return self._shown

    @property
    def auth(self) -> tuple[str, ...]:
        """The arguments of AUTH, empty when none is needed."""
        username, password = self._options.username, self._options.password
        if username:
            return username, password or ""
        return (password,) if password else ()

    async def open(self, protocol_factory: Callable[[], AnyProtocol]) -> AnyProtocol:
        """Connect a protocol of one's own.

        Raises:
            OSError: refused, unreachable, or TLS failed.
        """
        loop = asyncio.get_running_loop()
        options = self._options
        if isinstance(options, UnixDomainSocketConnection):
            return (await loop.create_unix_connection(protocol_factory, options.path))[1]
        assert isinstance(options, Connection)
        tls = options.ssl_context.get() if isinstance(options, SSLConnection) else None
        return (await loop.create_connection(protocol_factory, options.host, options.port, ssl=tls))[1]

    async def has_moved(self) -> bool:
        return False

    async def close(self) -> None:
        await self.client.aclose()


def _client(url: str) -> Redis:
    """A client that leaves retries and timeouts to its user, and sends nothing but what it is asked to."""
    return Redis.from_url(url, protocol=2, driver_info=None, socket_timeout=None, retry=Retry(NoBackoff(), 0))


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}"
    return f"{parts.scheme}://{parts.hostname or 'localhost'}:{parts.port or 6379}"

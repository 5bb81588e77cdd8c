"""Connections to the database: pools, transaction modes and the limits that every statement runs under."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import URL, event, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from realtime_app.store.outage import Outage, translated
from realtime_app.store.statement_deadline import limit_statements
from realtime_app.store.transaction_pooler import keep_within_transactions, unnamed

Connection = AsyncConnection
"""What a service reads from; named here so that handlers need not know the library."""

_SQLITE_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=5000")

# A link that swallows packets is noticed by the driver this much later than the server would have given up.
_LINK_GRACE_SECONDS = 2.0

# Under READ COMMITTED each statement sees its own snapshot anyway: a transaction around reads would give nothing, and
# costs two statements more.
_AUTOCOMMIT = "AUTOCOMMIT"
_READ_COMMITTED = "READ COMMITTED"
_CONNECT_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """Per process; a timeout of 0 is none. `pool_size` serves REST, `lookup_pool_size` session checks and log reads."""

    pool_size: int = 10
    lookup_pool_size: int = 4
    pool_timeout_seconds: float = 5.0
    lock_timeout_seconds: float = 2.0
    statement_timeout_seconds: float = 10.0
    statement_cache_size: int = 200
    has_transaction_pooler: bool = False
    """A pooler stands between that lends a connection by the transaction, like PgBouncer in transaction mode."""

    @property
    def settings(self) -> dict[str, str]:
        """PostgreSQL's own names for the limits of a session or transaction; numbers are milliseconds."""
        statement_timeout = f"{self.statement_timeout_seconds * 1000:.0f}"
        return {
            "lock_timeout": f"{self.lock_timeout_seconds * 1000:.0f}",
            "statement_timeout": statement_timeout,
            "idle_in_transaction_session_timeout": statement_timeout,
        }


class Database:
    """Two ways to write and two to read. Connections are opened on first use; call `close()` when done.

    All of them raise DatabaseUnavailable when the database can't be reached, takes too long or is too busy; other
    errors of a statement pass through.
    """

    def __init__(self, url: str, limits: DatabaseLimits | None = None) -> None:
        self._limits = limits or DatabaseLimits()
        self._url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.outage = Outage()
        if self.is_sqlite:
            # One writer: SQLite has one anyway, and the pool's queue is fairer than its busy-waiting.
            self._writing = self._sqlite_writing_engine(parsed)
            self._reading = self._sqlite_engine(parsed, self._limits.pool_size, _AUTOCOMMIT)
            self._lookup = self._sqlite_engine(parsed, self._limits.lookup_pool_size, _AUTOCOMMIT)
        else:
            # Behind a pooler a transaction is what keeps the steps of a read together, and what carries the limits.
            reads = _READ_COMMITTED if self._limits.has_transaction_pooler else _AUTOCOMMIT
            self._writing = self._postgresql_engine(parsed, self._limits.pool_size, _READ_COMMITTED)
            self._reading = self._writing.execution_options(isolation_level=reads)
            self._lookup = self._postgresql_engine(parsed, self._limits.lookup_pool_size, reads)

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """One for each pool."""
        return tuple({engine.pool: engine for engine in (self._reading, self._writing, self._lookup)}.values())

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that may write: commits at the end of the block, rolls back when the block raises."""
        return self._transaction(self._writing)

    def uncommitted(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that may write and rolls back unless the block commits it itself."""
        return self._connection(self._writing)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for the reads of one request, each of which is its own transaction."""
        return self._connection(self._reading)

    def lookup(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """As `reading`, from the small pool that session checks, sweeps and log reads have to themselves."""
        return self._connection(self._lookup)

    async def check(self) -> None:
        """Raises DatabaseUnavailable when no statement gets through."""
        async with self.lookup() as connection:
            await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def unhurried(self) -> AsyncIterator[Database]:
        """Another way to the same database, for work that may take and wait as long as it needs, on two connections."""
        limits = replace(self._limits, pool_size=2, statement_timeout_seconds=0, lock_timeout_seconds=0)
        database = Database(self._url, limits)
        try:
            yield database
        finally:
            await database.close()

    async def close(self) -> None:
        for engine in self.engines:
            await engine.dispose()

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        with translated(self.outage):
            async with engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        async with self._connection(engine) as connection:
            yield connection
            await connection.commit()

    def _engine(self, url: URL, pool_size: int, isolation_level: str | None, **options: Any) -> AsyncEngine:
        return create_async_engine(
            url,
            isolation_level=isolation_level,
            # SQLite's writing engine, which begins by itself, would seem to be in autocommit, and lose its rollbacks.
            skip_autocommit_rollback=isolation_level is not None,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=self._limits.pool_timeout_seconds,
            hide_parameters=True,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            **options,
        )

    def _sqlite_writing_engine(self, url: URL) -> AsyncEngine:
        engine = self._sqlite_engine(url, 1, None)

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    def _sqlite_engine(self, url: URL, pool_size: int, isolation_level: str | None) -> AsyncEngine:
        engine = self._engine(url, pool_size, isolation_level, connect_args={"isolation_level": None})

        @event.listens_for(engine.sync_engine, "connect")
        def set_pragmas(dbapi_connection: Any, _record: Any) -> None:
            cursor = dbapi_connection.cursor()
            for pragma in _SQLITE_PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        if self._limits.statement_timeout_seconds:
            limit_statements(engine, self._limits.statement_timeout_seconds)
        return engine

    def _postgresql_engine(self, url: URL, pool_size: int, isolation_level: str) -> AsyncEngine:
        engine = self._engine(url, pool_size, isolation_level, connect_args=self._asyncpg_arguments())
        if self._limits.has_transaction_pooler:
            keep_within_transactions(engine, self._limits.settings)

        @event.listens_for(engine.sync_engine, "checkout")
        def refuse_closed(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
            # The driver saw the server close this link while it lay idle: the pool then opens a fresh one.
            if dbapi_connection.driver_connection.is_closed():
                raise DisconnectionError

        return engine

    def _asyncpg_arguments(self) -> dict[str, Any]:
        limits = self._limits
        arguments: dict[str, Any] = {
            "timeout": _CONNECT_TIMEOUT_SECONDS,
            "command_timeout": (
                limits.statement_timeout_seconds + _LINK_GRACE_SECONDS if limits.statement_timeout_seconds else None
            ),
            "prepared_statement_cache_size": limits.statement_cache_size,
            # Its cache is never asked, but 0 makes the driver parse every statement anew, as poolers need it.
            "statement_cache_size": limits.statement_cache_size,
            "server_settings": {"application_name": "realtime-app"},
        }
        if not limits.has_transaction_pooler:
            arguments["server_settings"] |= limits.settings
        if limits.statement_cache_size == 0:
            arguments["prepared_statement_name_func"] = unnamed
        return arguments

"""What is different when a pooler like PgBouncer stands before PostgreSQL and lends a connection by the transaction.

Nothing outlives a transaction there: no session settings, and before PgBouncer 1.21 no prepared statements either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_FIRST = "first transaction"


def unnamed() -> str:
    """The name of every prepared statement: a named one would be left behind on a connection that others get."""
    return ""


def keep_within_transactions(engine: AsyncEngine, settings: Mapping[str, str]) -> None:
    """Give each transaction the settings that a connection of its own would have got at its start."""
    calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())

    @event.listens_for(engine.sync_engine, "begin")
    def set_locally(connection: Any) -> None:
        connection.exec_driver_sql(f"SELECT {calls}")

    # Between these two SQLAlchemy asks for types and versions; each of its statements is prepared and run in two steps.
    @event.listens_for(engine.sync_engine, "connect", insert=True)
    def begin(dbapi_connection: Any, record: Any) -> None:
        record.info[_FIRST] = dbapi_connection.driver_connection.transaction(isolation="read_committed")
        dbapi_connection.run_async(lambda _connection: record.info[_FIRST].start())

    @event.listens_for(engine.sync_engine, "connect")
    def commit(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.run_async(lambda _connection: record.info.pop(_FIRST).commit())

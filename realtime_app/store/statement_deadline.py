"""Ends statements of SQLite that run too long, as PostgreSQL ends its own by `statement_timeout`."""

from __future__ import annotations

import math
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_INSTRUCTIONS_BETWEEN_LOOKS = 100_000
"""Of SQLite's machine, 1 to 10 ms: most statements end before the first look, which needs Python's lock."""


class _Deadline:
    """Of the statement that runs on one connection; looked at in that connection's thread."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at = math.inf

    def has_passed(self) -> bool:
        return time.monotonic() > self.at


def limit_statements(engine: AsyncEngine, seconds: float) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def watch(dbapi_connection: Any, record: Any) -> None:
        deadline = record.info[_Deadline] = _Deadline()
        dbapi_connection.run_async(
            lambda driver: driver.set_progress_handler(deadline.has_passed, _INSTRUCTIONS_BETWEEN_LOOKS)
        )

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begin(connection: Any, *_: Any) -> None:
        connection.info[_Deadline].at = time.monotonic() + seconds

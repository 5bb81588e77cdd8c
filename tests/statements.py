"""What a piece of work sends to the database: the first words of each statement, and where it commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from realtime_app.store.engine import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Fills while the block runs: `UPDATE event_heads`, `WITH recorded`, `COMMIT`. BEGIN is left out."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.replace("INSERT INTO", "INSERT").split()
        if words[0] != "BEGIN":
            heard.append(" ".join(words[:2]))

    def hear_commit(_connection: Any) -> None:
        heard.append("COMMIT")

    listeners = [
        (engine.sync_engine, name, listener)
        for engine in database.engines
        for name, listener in (("before_cursor_execute", hear), ("commit", hear_commit))
    ]
    for listener in listeners:
        event.listen(*listener)
    try:
        yield heard
    finally:
        for listener in listeners:
            event.remove(*listener)

"""What a piece of work sends to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from realtime_app.store.engine import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Fills while the block runs with the first words of each statement, and with where it commits: `UPDATE
    event_heads`, `WITH recorded`, `COMMIT`. BEGIN is left out."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.replace("INSERT INTO", "INSERT").split()
        if words[0] != "BEGIN":
            heard.append(" ".join(words[:2]))

    def hear_commit(_connection: Any) -> None:
        heard.append("COMMIT")

    with _listening(database, before_cursor_execute=hear, commit=hear_commit):
        yield heard


@contextmanager
def sent_to(database: Database) -> Iterator[list[tuple[str, str]]]:
    """Fills while the block runs with the whole statements, and their parameters as text."""
    sent: list[tuple[str, str]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, str(parameters)))

    with _listening(database, before_cursor_execute=hear):
        yield sent


@contextmanager
def _listening(database: Database, **listeners: Callable[..., None]) -> Iterator[None]:
    """`listeners` by the name of SQLAlchemy's event."""
    heard = [
        (engine.sync_engine, name, listener) for engine in database.engines for name, listener in listeners.items()
    ]
    for listener in heard:
        event.listen(*listener)
    try:
        yield
    finally:
        for listener in heard:
            event.remove(*listener)

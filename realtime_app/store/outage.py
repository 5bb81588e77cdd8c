"""When the database says no: which failures pass by themselves, and one log line for a whole outage."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from realtime_app.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

LOCK_NOT_AVAILABLE = "55P03"

# SQLSTATE: connection (08), authorization (28), resources (53), operator intervention (57), system (58),
# database unknown (3D), lock not available, read-only transaction (a failover's old primary).
_PASSING_CLASSES = frozenset({"08", "28", "53", "57", "58", "3D"})
_PASSING_STATES = frozenset({LOCK_NOT_AVAILABLE, "25006"})
# Lock not available; a statement that took longer than statement_timeout.
_OVERLOAD_STATES = frozenset({LOCK_NOT_AVAILABLE, "57014"})
# PgBouncer's answer to a parameter at the start of a connection that it doesn't know.
_PROTOCOL_VIOLATION = "08P01"
_RETRYABLE_STATES = frozenset({"40001", "40P01"})


def sqlstate(error: BaseException) -> str | None:
    """The five characters that PostgreSQL gave with this error; None for other errors."""
    for candidate in (error, getattr(error, "orig", None), error.__cause__):
        state = getattr(candidate, "sqlstate", None)
        if isinstance(state, str):
            return state
    return None


def is_retryable(error: BaseException) -> bool:
    """A serialization failure or a deadlock: the same work may succeed when done again."""
    return sqlstate(error) in _RETRYABLE_STATES


def is_passing(error: BaseException) -> bool:
    """The database is away, too busy or read-only for now: nothing is wrong with the statement."""
    if isinstance(error, IntegrityError):
        return False
    if isinstance(error, (PoolTimeout, OSError)):  # TimeoutError is an OSError
        return True
    if isinstance(error, DBAPIError) and (
        error.connection_invalidated or isinstance(error.orig, (sqlite3.OperationalError, OSError))
    ):
        return True
    state = sqlstate(error)
    return state is not None and (state[:2] in _PASSING_CLASSES or state in _PASSING_STATES)


def is_overload(error: BaseException) -> bool:
    """The database is there: this request alone took too long, or found no connection in time."""
    if isinstance(error, PoolTimeout):
        return True
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_INTERRUPT or sqlstate(error) in _OVERLOAD_STATES


class Outage:
    """Whether the database is away; logs the first failure and the recovery, not what comes between."""

    def __init__(self) -> None:
        self.is_on = False

    def begin(self, cause: BaseException) -> None:
        if not self.is_on:
            self.is_on = True
            state = sqlstate(cause)
            hint = ": behind a pooler? see DATABASE_POOLER" if state == _PROTOCOL_VIOLATION else ""
            log.error("database unavailable: %s (state %s)%s", type(cause).__name__, state, hint)

    def end(self) -> None:
        if self.is_on:
            self.is_on = False
            log.info("database available again")


@contextmanager
def translated(outage: Outage) -> Iterator[None]:
    """Turns passing failures into DatabaseUnavailable; everything else goes through as it is.

    What is too much for the database fails alone: it says nothing about the requests of others.
    """
    try:
        yield
    except DatabaseUnavailable:
        raise
    except Exception as error:
        if not is_passing(error):
            raise
        if is_overload(error):
            raise DatabaseUnavailable("The database is too busy for this; try again shortly") from error
        outage.begin(error)
        raise DatabaseUnavailable from error
    else:
        outage.end()

"""How a command ends: one line on stderr and a code that means something."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

import click

from realtime_app.application import SchemaOutdated
from realtime_app.config import SettingsInvalid
from realtime_app.errors import AppError, DatabaseUnavailable
from realtime_app.process.listener import AddressInUse
from realtime_app.process.process_lock import AlreadyRunning
from realtime_app.store.schema import MigrationBlocked

log = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """Explained in the help of the command group."""

    REFUSED = 1
    USAGE = 2
    DATABASE = 3
    SCHEMA = 4
    REDIS = 5
    BUSY = 6
    FAULT = 70


class Failure(click.ClickException):
    """Ends the command with its message and code."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click reads it from the instance


class Commands(click.Group):
    """Turns what a person can cause into a line and a code; everything else is a fault and goes to the log."""

    def invoke(self, ctx: click.Context) -> Any:
        with failures_named():
            return super().invoke(ctx)


@contextmanager
def failures_named() -> Iterator[None]:
    """Raises Failure for everything but click's own exceptions."""
    try:
        yield
    except (click.ClickException, click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        code = _code_of(error)
        if code is ExitCode.FAULT:
            log.critical("the command failed", exc_info=error)
            raise Failure(f"unexpected {type(error).__name__}; its place is above", code) from None
        raise Failure(_message(error), code) from None


def _code_of(error: Exception) -> ExitCode:
    codes: tuple[tuple[type[Exception], ExitCode], ...] = (
        (SettingsInvalid, ExitCode.USAGE),
        (DatabaseUnavailable, ExitCode.DATABASE),
        (SchemaOutdated, ExitCode.SCHEMA),
        (AddressInUse, ExitCode.BUSY),
        (AlreadyRunning, ExitCode.BUSY),
        (MigrationBlocked, ExitCode.REFUSED),
        (AppError, ExitCode.REFUSED),
    )
    return next((code for kind, code in codes if isinstance(error, kind)), ExitCode.FAULT)


def _message(error: Exception) -> str:
    if isinstance(error, DatabaseUnavailable):
        return f"the database can't be reached ({innermost(error)}): is DATABASE_URL right?"
    return str(error)


def innermost(error: BaseException) -> str:
    """The type of what began it: `ConnectionRefusedError`. Messages of drivers may hold passwords."""
    while error.__cause__ is not None:
        error = error.__cause__
    return type(error).__name__

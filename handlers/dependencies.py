"""The parts that handlers use, built once by the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from realtime_app.auth.identity import Authenticator
from realtime_app.config import Settings
from realtime_app.metrics import Metrics
from realtime_app.realtime.hub import Hub
from realtime_app.store.engine import Database
from realtime_app.store.unit_of_work import UnitOfWorkRunner


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`position_of` gives the last event id and the epoch of a user's log, or a smaller id, before data is read."""

    settings: Settings
    database: Database
    units: UnitOfWorkRunner
    authenticator: Authenticator
    position_of: Callable[[str], Awaitable[tuple[int, str]]]
    clock: Callable[[], datetime]
    metrics: Metrics
    hub: Hub | None

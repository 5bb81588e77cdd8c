"""The parts that handlers use, built once by the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from realtime_app.auth.failed_attempts import FailedAttempts
from realtime_app.auth.identity import Authenticator
from realtime_app.config import Settings
from realtime_app.core.place import Place
from realtime_app.health import Health
from realtime_app.limits.rate_limits import RateLimits
from realtime_app.metrics import Metrics
from realtime_app.process.in_flight import RequestsInFlight
from realtime_app.realtime.assembly import Realtime
from realtime_app.services.accounts import Accounts
from realtime_app.store.engine import Database
from realtime_app.store.unit_of_work import UnitOfWorkRunner
from realtime_app.store.user_gate import UserGate


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`position_of` gives the last event id and the epoch of a user's log, or a smaller id, before data is read.

    `credentials_changed` is told of a user whose sessions or keys have ended or changed, after the commit.
    `realtime` is None while it is off, `rate_limits` while they are.
    """

    settings: Settings
    database: Database
    units: UnitOfWorkRunner
    readers: UserGate
    authenticator: Authenticator
    accounts: Accounts
    credentials_changed: Callable[[str], None]
    position_of: Callable[[str], Awaitable[Place]]
    clock: Callable[[], datetime]
    metrics: Metrics
    health: Health
    in_flight: RequestsInFlight
    failed_attempts: FailedAttempts
    rate_limits: RateLimits | None
    realtime: Realtime | None

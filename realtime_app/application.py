"""The composition root: every part is built here once, started from top to bottom and closed from bottom to top."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Protocol

from handlers.dependencies import Dependencies
from handlers.request_log import log_request
from handlers.routes import Site, url_specs
from realtime_app.auth.failed_attempts import FailedAttempts
from realtime_app.auth.identity import Authenticator
from realtime_app.auth.passwords import Passwords
from realtime_app.auth.tokens import TokenCodec
from realtime_app.config import MEMORY_URL, Settings
from realtime_app.core.events import Event
from realtime_app.errors import DatabaseUnavailable
from realtime_app.health import Health
from realtime_app.limits.factory import rate_limits_from
from realtime_app.maintenance import Maintenance
from realtime_app.metrics import Metrics
from realtime_app.process.in_flight import RequestsInFlight
from realtime_app.process.loop_lag import LoopLag
from realtime_app.process.process_lock import ProcessLock
from realtime_app.process.sudden_death import SuddenDeath
from realtime_app.realtime.assembly import Realtime
from realtime_app.realtime.positions import Positions
from realtime_app.services.accounts import Accounts
from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.event_log import EventLog
from realtime_app.store.retention import Retention
from realtime_app.store.unit_of_work import UnitOfWorkRunner
from realtime_app.store.user_gate import reader_gate

log = logging.getLogger(__name__)


class SchemaOutdated(Exception):
    """The database lacks a migration."""


class Part(Protocol):
    async def start(self) -> None: ...
    async def close(self) -> None: ...


class Application:
    """All parts of one process. Needs settings that hold a JWT secret, and a running loop for `start()`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.in_flight = RequestsInFlight()
        self.database = database_of(settings)
        self.event_log = EventLog(self.database)
        self._sudden_death = SuddenDeath(settings.fault_die_after_commits)
        self.units = UnitOfWorkRunner(self.database, committed=self._committed, clock=utc_now)
        self.readers = reader_gate()
        self.passwords = Passwords()
        tokens = token_codec_of(settings)
        self.authenticator = Authenticator(self.database, tokens, utc_now)
        self.accounts = Accounts(
            self.database,
            self.passwords,
            tokens,
            session_max_age=timedelta(seconds=settings.session_max_age_seconds),
            registration_is_open=settings.registration == "open",
            clock=utc_now,
        )
        self.failed_attempts = FailedAttempts()
        self.rate_limits = rate_limits_from(settings, self.metrics)
        self.health = Health(self.database, self._link_state)
        self.loop_lag = LoopLag(self.metrics)
        retention = Retention(timedelta(seconds=settings.event_retention_seconds))
        self.maintenance = Maintenance(self.database, retention, utc_now)
        self.realtime = self._realtime()
        specs = url_specs(self._dependencies())
        self.web = Site(specs, log_function=log_request, cors_origins=settings.cors_origins)
        self._flush_seconds = 0.0
        self._closing = AsyncExitStack()
        # What has no start, and may be at work all the same.
        for held in (self.database, self.event_log, self.authenticator, self.passwords):
            self._closing.push_async_callback(held.close)

    async def start(self) -> None:
        """Starts all parts, also with the database away. Raises AlreadyRunning, SchemaOutdated."""
        await self._check_alone()
        await self._check_schema()
        await self._start(self.loop_lag)
        await self._start(self.maintenance)
        if self.rate_limits is not None:
            await self._start(self.rate_limits)
        if self.realtime is None:
            log.warning("realtime is off: REDIS_URL is not set")
        else:
            await self.realtime.start()
            self._closing.push_async_callback(self._close_realtime, self.realtime)
        self.metrics.is_database_up = lambda: not self.database.outage.is_on

    async def drain(self, seconds: float) -> None:
        """Sends the connected clients away, spread over a part of `seconds`."""
        self.health.is_draining = True
        if self.realtime is not None:
            await self.realtime.hub.drain(seconds)

    async def close(self, flush_seconds: float = 0.0) -> None:
        """Closes what was started, in reverse; events that wait to be published get `flush_seconds` at most."""
        self.health.is_draining = True
        self._flush_seconds = flush_seconds
        await self._closing.aclose()

    async def _close_realtime(self, realtime: Realtime) -> None:
        await realtime.close(self._flush_seconds)

    async def _start(self, part: Part) -> None:
        await part.start()
        self._closing.push_async_callback(part.close)

    async def _check_alone(self) -> None:
        database_file = self.settings.database_file
        if database_file is not None and self.settings.redis_url == MEMORY_URL:
            await self._start(ProcessLock(database_file.with_name(f"{database_file.name}.lock")))

    async def _check_schema(self) -> None:
        try:
            if not await self.health.is_schema_current():
                raise SchemaOutdated("the database's schema is out of date: run realtime-app migrate")
        except DatabaseUnavailable:
            log.warning("started without the database: requests are answered with 503 until it is back")

    def _committed(self, events: list[Event]) -> None:
        """Hears of the events of one unit of work after its commit."""
        self._sudden_death.count_commit()
        if self.realtime is not None:
            self.realtime.publisher.publish(events)

    def _credentials_changed(self, user_id: str) -> None:
        """Hears of a user whose sessions or keys have ended or changed, after the commit."""
        if self.realtime is None:
            self.authenticator.forget_user(user_id)
        else:
            self.realtime.revocations.announce(user_id)

    def _realtime(self) -> Realtime | None:
        redis_url = self.settings.redis_url
        if redis_url is None:
            return None
        return Realtime(self.settings, redis_url, self.event_log, self.authenticator, self.metrics, utc_now)

    def _link_state(self) -> str:
        return "off" if self.realtime is None else self.realtime.broker.state.value

    def _dependencies(self) -> Dependencies:
        return Dependencies(
            settings=self.settings,
            database=self.database,
            units=self.units,
            readers=self.readers,
            authenticator=self.authenticator,
            accounts=self.accounts,
            credentials_changed=self._credentials_changed,
            position_of=Positions(self.event_log, self.realtime.hub if self.realtime else None).of,
            clock=utc_now,
            metrics=self.metrics,
            health=self.health,
            in_flight=self.in_flight,
            failed_attempts=self.failed_attempts,
            rate_limits=self.rate_limits,
            realtime=self.realtime,
        )


def utc_now() -> datetime:
    return datetime.now(UTC)


def database_of(settings: Settings) -> Database:
    """The database, its folder made where it is a file; nothing is connected yet."""
    if settings.database_file is not None:
        settings.database_file.parent.mkdir(parents=True, exist_ok=True)
    limits = DatabaseLimits(
        pool_size=settings.database_pool_size,
        lookup_pool_size=settings.database_lookup_pool_size,
        statement_cache_size=settings.database_statement_cache,
        has_transaction_pooler=settings.has_transaction_pooler,
    )
    return Database(settings.database_url, limits)


def token_codec_of(settings: Settings) -> TokenCodec:
    previous = settings.jwt_secret_previous
    return TokenCodec(
        settings.jwt_secret.get_secret_value(),
        previous.get_secret_value() if previous else None,
        timedelta(seconds=settings.jwt_expires_in_seconds),
    )

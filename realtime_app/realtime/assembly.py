"""The realtime side of one process, from the broker up: built, started and closed as one part of the application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from realtime_app.auth.identity import Authenticator
from realtime_app.broker.factory import broker_from_url
from realtime_app.config import Settings
from realtime_app.core.heartbeat import HeartbeatSchedule
from realtime_app.metrics import Metrics
from realtime_app.realtime.expiry import Expiry
from realtime_app.realtime.heartbeat import Heartbeat
from realtime_app.realtime.hub import Hub
from realtime_app.realtime.inbound import Inbound
from realtime_app.realtime.publisher import Publisher
from realtime_app.realtime.reception import Reception
from realtime_app.realtime.revocation import Revocations
from realtime_app.realtime.socket_poller import SocketPoller
from realtime_app.realtime.sweep import Sweep
from realtime_app.store.event_log import EventLog


class Realtime:
    """Its parts are there for those who use them one by one; started and closed they are together."""

    def __init__(
        self,
        settings: Settings,
        redis_url: str,
        event_log: EventLog,
        authenticator: Authenticator,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._counts = metrics.counts
        self._build_delivery(redis_url, event_log, authenticator)
        self._build_reception(authenticator)
        metrics.watch_hub(self.hub)
        metrics.watch_link(self.broker)

    async def start(self) -> None:
        await self.poller.start()
        await self.inbound.start()
        await self.sweep.start()
        await self.heartbeat.start()

    async def close(self, flush_seconds: float = 0.0) -> None:
        """Events that wait to be published get `flush_seconds` at most."""
        await self.heartbeat.close()
        await self.sweep.close()
        await self.revocations.close()
        await self.hub.close()
        await self.poller.close()
        await self.broker.close(flush_seconds)

    def _build_delivery(self, redis_url: str, event_log: EventLog, authenticator: Authenticator) -> None:
        """What brings events from the log and the other processes to the connections."""
        settings, counts = self._settings, self._counts
        self.broker = broker_from_url(redis_url, prefix=settings.redis_prefix)
        self.hub = Hub(
            self.broker,
            event_log,
            clock=self._clock,
            counts=counts,
            most_connections_per_user=settings.ws_max_connections_per_user,
        )
        self.revocations = Revocations(self.hub, self.broker, authenticator)
        self.sweep = Sweep(self.hub, event_log, self.revocations, counts, settings.sweep_interval_seconds)
        self.inbound = Inbound(self.broker, self.hub, self.sweep, self.revocations, counts)
        self.publisher = Publisher(self.hub, self.broker)

    def _build_reception(self, authenticator: Authenticator) -> None:
        """What takes sockets in and keeps or closes them."""
        settings = self._settings
        self.poller = SocketPoller(settings.ws_output_limit_bytes)
        self.expiry = Expiry(self._clock, settings.ws_ping_interval_seconds)
        self.heartbeat = Heartbeat(
            HeartbeatSchedule(settings.ws_ping_interval_seconds, settings.ws_ping_timeout_seconds),
            self.expiry,
            read_arrived=self.poller.read_arrived,
        )
        self.reception = Reception(
            self.hub,
            self.heartbeat,
            self.expiry,
            self.revocations,
            authenticate_token=authenticator.authenticate_token,
            clock=self._clock,
            counts=self._counts,
        )

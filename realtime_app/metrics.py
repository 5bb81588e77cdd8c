"""Every metric of the process, on one page. Parts count with plain ints; they become samples when somebody asks.

`docs/metrics.md` says what each means to the one who watches it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client import Counter as LabelledCounter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST

# Most requests take a few milliseconds; above 10 s a statement has been cut off.
_DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# A delivery waits this long: a few milliseconds are unnoticed, a tenth of a second is not.
_LAG_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(slots=True)
class RealtimeCounts:
    """What the parts of realtime count on the way: `counts.events_delivered += 1`, `counts.closes[code] += 1`."""

    connects: int = 0
    events_delivered: int = 0
    events_repeated: int = 0
    catch_ups: Counter[str] = field(default_factory=Counter)
    event_drops: Counter[str] = field(default_factory=Counter)
    resyncs: Counter[str] = field(default_factory=Counter)
    replays: int = 0
    events_replayed: int = 0
    closes: Counter[int] = field(default_factory=Counter)
    client_messages: int = 0
    sweeps: int = 0
    sweep_failures: int = 0
    sweep_lag_seconds: float = 0.0


class HubGauges(Protocol):
    """The part of the hub that is looked at when somebody asks."""

    @property
    def connection_count(self) -> int: ...
    @property
    def feed_count(self) -> int: ...
    @property
    def replay_count(self) -> int: ...


class LinkGauges(Protocol):
    """The part of the broker that is looked at when somebody asks."""

    @property
    def is_link_up(self) -> bool: ...
    @property
    def queue_length(self) -> int: ...
    @property
    def stats(self) -> object: ...


class LimitGauges(Protocol):
    """The part of the rate limits that is looked at when somebody asks."""

    @property
    def refusals(self) -> Counter[str]: ...
    @property
    def is_shared(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Reading:
    """One metric read from a source: a number, or with a `label` a mapping from the label's value to a number."""

    name: str
    help: str
    read: Callable[[Any], Any]
    label: str | None = None

    def metric(self, source: object) -> Metric:
        family = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
        value = self.read(source)
        if self.label is None:
            return family(self.name, self.help, value=value)
        labelled = family(self.name, self.help, labels=[self.label])
        for key, number in sorted(value.items()):
            labelled.add_metric([str(key)], number)
        return labelled


_OF_COUNTS = (
    _Reading("realtime_connects_total", "WebSockets that were opened.", lambda c: c.connects),
    _Reading("realtime_events_delivered_total", "Events handed to sockets, once each.", lambda c: c.events_delivered),
    _Reading("realtime_events_repeated_total", "Events dropped as already seen.", lambda c: c.events_repeated),
    _Reading("realtime_catch_ups_total", "Reads of the log by feeds that lagged.", lambda c: c.catch_ups, "cause"),
    _Reading("realtime_event_drops_total", "Messages refused by the hub.", lambda c: c.event_drops, "reason"),
    _Reading("realtime_resyncs_total", "Times clients were told to refetch all.", lambda c: c.resyncs, "reason"),
    _Reading("realtime_replays_total", "Clients that were behind and brought up to date.", lambda c: c.replays),
    _Reading("realtime_events_replayed_total", "Events sent in replays.", lambda c: c.events_replayed),
    _Reading("realtime_closes_total", "WebSockets closed by the server.", lambda c: c.closes, "code"),
    _Reading("realtime_client_messages_total", "Messages that clients sent.", lambda c: c.client_messages),
    _Reading("realtime_sweeps_total", "Rounds of the sweep over all feeds.", lambda c: c.sweeps),
    _Reading("realtime_sweep_failures_total", "Queries of the sweep that failed.", lambda c: c.sweep_failures),
    _Reading(
        "realtime_sweep_lag_seconds",
        "How much longer than its interval the last round took.",
        lambda c: c.sweep_lag_seconds,
    ),
)

_OF_HUB = (
    _Reading("realtime_connections", "Open WebSockets.", lambda hub: hub.connection_count),
    _Reading("realtime_feeds", "Users with an open WebSocket.", lambda hub: hub.feed_count),
    _Reading("realtime_replays_running", "Replays at this moment.", lambda hub: hub.replay_count),
)

_OF_LINK = (
    _Reading("realtime_link_up", "1 while the link to the other processes is proven.", lambda b: int(b.is_link_up)),
    _Reading("realtime_publish_queue_length", "Events that wait to be published.", lambda b: b.queue_length),
    _Reading("realtime_published_total", "Events published.", lambda b: b.stats.published),
    _Reading("realtime_publish_drops_total", "Messages given up before sending.", lambda b: b.stats.publish_dropped),
    _Reading(
        "realtime_publish_failures_total",
        "Attempts to publish that broke off, and messages that Redis refused.",
        lambda b: b.stats.publish_failures,
    ),
    _Reading("realtime_received_total", "Messages received.", lambda b: b.stats.received),
    _Reading("realtime_receive_drops_total", "Messages too large to be taken.", lambda b: b.stats.received_dropped),
    _Reading("realtime_link_rebuilds_total", "Times the link was built again.", lambda b: b.stats.rebuilds),
    _Reading("realtime_link_probes_lost_total", "Probes that did not come back.", lambda b: b.stats.probes_lost),
)

_OF_LIMITS = (
    _Reading("rate_limit_refusals_total", "Requests over a limit, answered 429.", lambda r: r.refusals, "limit"),
    _Reading("rate_limits_shared", "0 while each process counts callers by itself.", lambda r: int(r.is_shared)),
)

_OF_PROCESS = (
    _Reading("realtime_database_up", "0 while the database is known to be away.", lambda m: int(m.is_database_up())),
)


class _SourceCollector(Collector):
    def __init__(self, source: object, readings: Iterable[_Reading]) -> None:
        self._source = source
        self._readings = tuple(readings)

    def describe(self) -> Iterable[Metric]:
        # Without this the registry would read the source at once, to learn the names.
        return ()

    def collect(self) -> Iterable[Metric]:
        return [reading.metric(self._source) for reading in self._readings]


class Metrics:
    """Built once. `counts` is for the parts of realtime; `is_database_up` and `loop_lag` are fed by others."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.counts = RealtimeCounts()
        self.is_database_up: Callable[[], bool] = lambda: True
        self._requests = LabelledCounter(
            "http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time from a request's headers to its answer.",
            ["method", "route"],
            buckets=_DURATION_BUCKETS,
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "realtime_loop_lag_seconds",
            "How late the event loop runs what is due.",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.registry.register(_SourceCollector(self, _OF_PROCESS))
        self.registry.register(_SourceCollector(self.counts, _OF_COUNTS))

    def watch_hub(self, hub: HubGauges) -> None:
        self.registry.register(_SourceCollector(hub, _OF_HUB))

    def watch_link(self, broker: LinkGauges) -> None:
        self.registry.register(_SourceCollector(broker, _OF_LINK))

    def watch_limits(self, limits: LimitGauges) -> None:
        self.registry.register(_SourceCollector(limits, _OF_LIMITS))

    def request_finished(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the pattern of the URL table, never a path: paths would make a series for every id."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, status).inc()
        self._durations.labels(known, route).observe(seconds)

    def page(self) -> bytes:
        """All of it in Prometheus's text format, of the type CONTENT_TYPE."""
        return generate_latest(self.registry)

"""The metrics: complete, documented, and cheap to count."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from realtime_app.broker.base import BrokerStats
from realtime_app.metrics import Metrics

DOCUMENT = Path(__file__).parent.parent / "docs" / "metrics.md"
LIBRARY_S_OWN = ("process_", "python_")


class Hub:
    connection_count = 3
    feed_count = 2
    replay_count = 1


@dataclass
class Link:
    is_link_up: bool = True
    queue_length: int = 7
    stats: BrokerStats = field(default_factory=lambda: BrokerStats(published=5))


@dataclass
class Limits:
    refusals: Counter[str] = field(default_factory=lambda: Counter(session=4))
    is_shared: bool = True


@pytest.fixture
def metrics() -> Metrics:
    """With everything that can be watched."""
    metrics = Metrics()
    metrics.watch_hub(Hub())
    metrics.watch_link(Link())
    metrics.watch_limits(Limits())
    metrics.request_finished("GET", "/tasks", 200, 0.01)
    for counter in (metrics.counts.catch_ups, metrics.counts.event_drops, metrics.counts.resyncs):
        counter["some"] += 1
    metrics.counts.closes[4001] += 1
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def labels_by_name(metrics: Metrics) -> dict[str, set[str]]:
    """Metrics as one asks for them: counters with `_total`, histograms by their own name."""
    found: dict[str, set[str]] = {}
    for family in metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        if not name.startswith(LIBRARY_S_OWN):
            found[name] = {label for sample in family.samples for label in sample.labels} - {"le"}
    return found


def test_the_document_describes_every_metric_with_its_labels_and_no_other(metrics: Metrics) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]*?) ?\|", DOCUMENT.read_text(), re.MULTILINE)
    documented = {name: set(filter(None, labels.split(", "))) for name, labels in rows}
    assert documented == labels_by_name(metrics)


def test_what_parts_count_is_read_when_somebody_asks(metrics: Metrics) -> None:
    metrics.counts.events_delivered += 10
    assert value(metrics, "realtime_events_delivered_total") == 10
    metrics.counts.events_delivered += 1
    assert value(metrics, "realtime_events_delivered_total") == 11
    assert value(metrics, "realtime_closes_total", code="4001") == 1


def test_watched_parts_are_looked_at(metrics: Metrics) -> None:
    assert value(metrics, "realtime_connections") == 3
    assert value(metrics, "realtime_publish_queue_length") == 7
    assert value(metrics, "realtime_published_total") == 5
    assert value(metrics, "realtime_link_up") == 1
    assert value(metrics, "rate_limit_refusals_total", limit="session") == 4
    assert value(metrics, "rate_limits_shared") == 1


def test_requests_are_counted_and_timed_by_route(metrics: Metrics) -> None:
    metrics.request_finished("GET", "/tasks", 200, 0.2)
    assert value(metrics, "http_requests_total", method="GET", route="/tasks", status="200") == 2
    assert value(metrics, "http_request_duration_seconds_sum", method="GET", route="/tasks") == pytest.approx(0.21)


def test_an_invented_method_makes_no_series_of_its_own(metrics: Metrics) -> None:
    metrics.request_finished("BREW", "/tasks", 405, 0.01)
    metrics.request_finished("BOIL", "/tasks", 405, 0.01)
    assert value(metrics, "http_requests_total", method="other", route="/tasks", status="405") == 2


def test_two_sets_of_metrics_share_nothing() -> None:
    first, second = Metrics(), Metrics()
    first.counts.connects += 1
    assert value(second, "realtime_connects_total") == 0


def test_without_realtime_there_is_nothing_of_the_link() -> None:
    page = Metrics().page().decode()
    assert "realtime_link_up" not in page
    assert "realtime_database_up 1.0" in page

"""What docs/operations/ names exists: metrics in docs/metrics.md, a section of docs/operations.md for each alert."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
OPERATIONS = DOCS / "operations"
# Of prometheus-client and of Prometheus itself.
FOREIGN = {"process_open_fds", "process_max_fds", "process_cpu_seconds_total", "process_resident_memory_bytes", "up"}

_METRIC = re.compile(r"\b(?:realtime|http|rate_limits?|process)_\w+")
_NOT_METRICS = {"realtime_app"}


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
def test_every_metric_is_documented(name: str) -> None:
    used = {metric.removesuffix("_bucket") for metric in _METRIC.findall((OPERATIONS / name).read_text())}
    documented = set(_METRIC.findall((DOCS / "metrics.md").read_text()))
    assert len(used) > 8
    assert used - documented - FOREIGN - _NOT_METRICS == set()


def test_every_alert_has_its_section() -> None:
    alerts = re.findall(r"- alert: (\w+)", (OPERATIONS / "alerts.yml").read_text())
    sections = re.findall(r"^### (.+)$", (DOCS / "operations.md").read_text(), re.MULTILINE)
    assert len(alerts) > 8
    assert set(alerts) <= set(sections)


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
def test_series_with_different_labels_are_joined_by_those_they_share(name: str) -> None:
    operators = re.findall(r"[\])\d] (?:and|or|unless)\b(.*)", (OPERATIONS / name).read_text())
    assert all(operand.startswith(" on (instance, job) ") for operand in operators), operators


def test_dashboard_is_one_that_grafana_can_read() -> None:
    dashboard = json.loads((OPERATIONS / "grafana.json").read_text())
    assert all(panel["targets"] and panel["title"] for panel in dashboard["panels"])

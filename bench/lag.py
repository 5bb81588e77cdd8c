"""How long a delivery may have to wait: the lag of the event loop while big lists, searches and writes are answered."""

from __future__ import annotations

import asyncio
import urllib.request
from itertools import cycle, islice

from prometheus_client.parser import text_string_to_metric_families

from bench.figures import Figure
from bench.http_client import Request, send_all
from bench.site import Site

TASKS = 2_000
NOTES_BYTES = 1_000
CLIENTS = 4
REQUESTS = 6_000
PERCENTILES = (0.5, 0.99)

# In turn: the largest page, a search that no index serves, and what is asked most.
_MIX = (
    Request("GET", "/tasks?limit=500"),
    Request("GET", "/tasks?search=nothing%20like%20it"),
    Request("GET", "/tasks?limit=50"),
    Request("POST", "/tasks", {"title": "Write the report"}),
)

Buckets = dict[float, float]
"""How many observations were at most so many seconds."""


def measure() -> list[Figure]:
    with Site(1, on_postgres=True) as site:
        token = site.tokens[site.user_ids[0]]
        task = Request("POST", "/tasks", {"title": "Read", "notes": "n" * NOTES_BYTES})
        asyncio.run(send_all(site.port, CLIENTS, TASKS, lambda _: (task, token)))
        mix = list(islice(cycle(_MIX), REQUESTS))
        before = _buckets(site.port)
        asyncio.run(send_all(site.port, CLIENTS, REQUESTS, lambda number: (mix[number], token)))
        after = _buckets(site.port)
    seen = {bound: after[bound] - before[bound] for bound in after}
    remark = f"at most; {CLIENTS} clients ask a process for lists of 500, searches, lists of 50 and writes in turn"
    return [Figure(f"loop lag, p{share * 100:.0f}", _bound(seen, share) * 1e3, "ms", remark) for share in PERCENTILES]


def _buckets(port: int) -> Buckets:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        page = answer.read().decode()
    return {
        float(sample.labels["le"]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "realtime_loop_lag_seconds_bucket"
    }


def _bound(seen: Buckets, share: float) -> float:
    """The least bound that so large a share of the observations stayed below."""
    total = seen[float("inf")]
    return next(bound for bound, count in sorted(seen.items()) if count >= share * total)

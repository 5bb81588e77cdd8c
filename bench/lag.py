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
CLIENTS = (1, 4)
REQUESTS = 4_000
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
        asyncio.run(send_all(site.port, 4, TASKS, lambda _: (task, token)))
        return [figure for clients in CLIENTS for figure in _beside(site.port, token, clients)]


def _beside(port: int, token: str, clients: int) -> list[Figure]:
    """While so many clients ask for what stands in the mix, each as soon as it has its last answer."""
    mix = list(islice(cycle(_MIX), REQUESTS))
    before = _buckets(port)
    asyncio.run(send_all(port, clients, REQUESTS, lambda number: (mix[number], token)))
    after = _buckets(port)
    seen = {bound: after[bound] - before[bound] for bound in after}
    name = f"loop lag beside {clients} of big lists"
    return [Figure(f"{name}, p{share * 100:.0f}", _bound(seen, share) * 1e3, "ms", "at most") for share in PERCENTILES]


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

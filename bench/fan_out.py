"""What a delivery costs: events for random users, three tabs each, at full rate and at a steady one."""

from __future__ import annotations

import threading

from bench.crowd import Crowd
from bench.figures import Figure, middle
from bench.process import cpu_seconds, settle
from bench.publisher import Publisher
from bench.site import Site

TABS = 3
BURST_EVENTS = 20_000
PACED_EVENTS = 4_000
PACED_PER_SECOND = 1_000.0
MOST_SECONDS = 60.0

# The first round of the sweep begins before the link stands, and is a quick one.
FIRST_SWEEP_SECONDS = 2.0


def measure(users: int, runs: int, suffix: str = "") -> list[Figure]:
    # The log doesn't know these events: the sweep would take its word for it.
    with Site(users, SWEEP_INTERVAL_SECONDS="3600") as site:
        crowd, publisher = Crowd(site.port), Publisher(site)
        crowd.connect(site.paths(TABS))
        crowd.serve_for(FIRST_SWEEP_SECONDS)
        _delivered(site, crowd, publisher, BURST_EVENTS // 10, None)
        burst = [_delivered(site, crowd, publisher, BURST_EVENTS, None) for _ in range(runs)]
        paced = [_delivered(site, crowd, publisher, PACED_EVENTS, PACED_PER_SECOND) for _ in range(runs)]
        crowd.drop()
    remark = f"{users:,} users, {users * TABS:,} sockets"
    return [
        middle(f"delivery at full rate{suffix}", burst, "us CPU", remark),
        middle(f"delivery at {PACED_PER_SECOND:.0f} events/s{suffix}", paced, "us CPU", remark),
    ]


def _delivered(site: Site, crowd: Crowd, publisher: Publisher, events: int, per_second: float | None) -> float:
    """CPU microseconds of the server for each delivery."""
    commands = publisher.commands(events)
    settle(site.pid)
    wanted, before = crowd.frames + events * TABS, cpu_seconds(site.pid)
    sending: threading.Thread = (
        publisher.burst(commands) if per_second is None else publisher.paced(commands, per_second)
    )
    crowd.serve_until(lambda: crowd.frames >= wanted, MOST_SECONDS)
    sending.join()
    return (cpu_seconds(site.pid) - before) / (events * TABS) * 1e6

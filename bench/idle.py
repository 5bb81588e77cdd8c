"""What connections cost that only stand there: to connect, to keep, to ping."""

from __future__ import annotations

from bench.crowd import Crowd
from bench.figures import Figure
from bench.process import cpu_seconds, pss_bytes, settle
from bench.site import Site

TABS = 3
WARM_UP_SOCKETS = 200
PING_SECONDS = 5
IDLE_SECONDS = 15.0


def measure(users: int, suffix: str = "") -> list[Figure]:
    with Site(users, WS_PING_INTERVAL=str(PING_SECONDS), WS_PING_TIMEOUT="20") as site:
        crowd = Crowd(site.port)
        crowd.connect(site.paths(TABS)[:WARM_UP_SOCKETS])
        crowd.drop()
        settle(site.pid)
        paths = site.paths(TABS)
        cpu, memory = cpu_seconds(site.pid), pss_bytes(site.pid)
        crowd.connect(paths)
        connected_cpu = cpu_seconds(site.pid)
        bytes_each = (pss_bytes(site.pid) - memory) / len(paths)
        pings, idle_cpu = crowd.pings, cpu_seconds(site.pid)
        crowd.serve_for(IDLE_SECONDS)
        pings, idle_cpu = crowd.pings - pings, cpu_seconds(site.pid) - idle_cpu
        crowd.drop()
    remark = f"{len(paths):,} sockets of {users:,} users"
    return [
        Figure(f"connect{suffix}", (connected_cpu - cpu) / len(paths) * 1e3, "ms CPU", remark),
        Figure(f"idle connection{suffix}", bytes_each, "bytes PSS", f"{remark}, feeds and caches included"),
        Figure(f"ping{suffix}", idle_cpu / max(pings, 1) * 1e6, "us CPU", "all that the server did meanwhile"),
    ]

"""What clients that come and go leave behind: memory that grows with the connects, not with the clients."""

from __future__ import annotations

import time

from bench.crowd import Crowd
from bench.figures import Figure
from bench.process import pss_bytes, settle
from bench.site import Site

USERS = 2_000
TABS = 3
WAVE_SOCKETS = 500
# All users once: every cache has its size then.
WARM_UP_WAVES = 2 * USERS * TABS // WAVE_SOCKETS
# Longer than a feed outlives its last connection.
LINGER_SECONDS = 6.0


def measure(seconds: float) -> list[Figure]:
    with Site(USERS) as site:
        waves = _Waves(site)
        for _ in range(WARM_UP_WAVES):
            waves.come_and_go()
        before, connects = waves.memory_left_bytes(), waves.connects
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            waves.come_and_go()
        connects = waves.connects - connects
        growth_bytes = waves.memory_left_bytes() - before
    remark = f"{connects:,} connects in {seconds:.0f} s, {growth_bytes / 1e6:+.2f} MB in all"
    return [Figure("growth for 100,000 connects", growth_bytes / connects * 1e5 / 1e6, "MB PSS", remark)]


class _Waves:
    """Always other users, one wave after the other; `connects` counts them all."""

    def __init__(self, site: Site) -> None:
        self.connects = 0
        self._pid = site.pid
        self._crowd = Crowd(site.port)
        self._paths = site.paths(TABS)

    def come_and_go(self) -> None:
        start = self.connects % len(self._paths)
        wave = self._paths[start : start + WAVE_SOCKETS]
        self._crowd.connect(wave)
        self._crowd.drop()
        self.connects += len(wave)

    def memory_left_bytes(self) -> int:
        """Of the server, when nobody is connected any more and no feed is kept."""
        time.sleep(LINGER_SECONDS)
        settle(self._pid)
        return pss_bytes(self._pid)

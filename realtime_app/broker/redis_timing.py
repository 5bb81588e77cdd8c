"""The intervals of the link to Redis, together in one place because they bound each other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedisTiming:
    """A hung Redis must be known within 6 s: up to one interval to the next probe, then the probe's timeout."""

    probe_interval_seconds: float = 1.0
    probe_timeout_seconds: float = 4.0
    publish_timeout_seconds: float = 3.0
    """Counted in whole probe intervals, so that up to one of them is spent before the attempt began."""
    late_tick_seconds: float = 2.0
    connect_timeout_seconds: float = 3.0
    backoff_first_seconds: float = 0.1
    backoff_cap_seconds: float = 2.0
    resubscribe_channels: int = 500
    resubscribe_pause_seconds: float = 0.05
    """On average, between two batches: 50,000 channels come back within 5 s, and their catch-ups not in one burst."""
    whereabouts_seconds: float = 2.0
    """How often Sentinel is asked whether the master is still the same, and a cluster which node has which slots.
    Both usually make themselves felt at once; this is for a server that was cut off and doesn't know."""

"""Measures how late the event loop runs what is due: the first thing to look at when everything is slow."""

from __future__ import annotations

import asyncio

from realtime_app.metrics import Metrics

INTERVAL_SECONDS = 0.1
"""Often enough that a request which holds the loop up for as long as people notice is seen nearly always."""


class LoopLag:
    """Observes the lag ten times a second."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._handle: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        self._schedule()

    async def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + INTERVAL_SECONDS
        self._handle = loop.call_at(due, self._measure, due)

    def _measure(self, due: float) -> None:
        self._metrics.loop_lag.observe(max(0.0, asyncio.get_running_loop().time() - due))
        self._schedule()

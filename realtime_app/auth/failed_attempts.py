"""How many bad credentials an address has sent of late, so that guessing ends before an upgrade is even looked at."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from realtime_app.core.addresses import holder_of

LIMIT = 20
WINDOW_SECONDS = 60.0
MAX_ADDRESSES = 10_000


class FailedAttempts:
    """Counts per address in windows that begin with the first failure. An IPv6 network of /64 is one address."""

    def __init__(
        self,
        limit: int = LIMIT,
        *,
        window_seconds: float = WINDOW_SECONDS,
        max_addresses: int = MAX_ADDRESSES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._window_seconds = window_seconds
        self._max_addresses = max_addresses
        self._monotonic = monotonic
        self._windows: dict[str, tuple[float, int]] = {}  # (begin, failures), oldest begin first

    def __len__(self) -> int:
        return len(self._windows)

    def record(self, address: str) -> None:
        """One more bad credential from there."""
        self._drop_past_windows()
        holder = holder_of(address)
        began_at, failures = self._windows.get(holder, (self._monotonic(), 0))
        self._windows[holder] = (began_at, failures + 1)
        if len(self._windows) > self._max_addresses:
            del self._windows[next(iter(self._windows))]

    def retry_after_seconds(self, address: str) -> int | None:
        """How long this address has to wait; None when it may try."""
        self._drop_past_windows()
        began_at, failures = self._windows.get(holder_of(address), (0.0, 0))
        if failures < self._limit:
            return None
        return max(1, math.ceil(began_at + self._window_seconds - self._monotonic()))

    def _drop_past_windows(self) -> None:
        past = self._monotonic() - self._window_seconds
        while self._windows:
            oldest = next(iter(self._windows))
            if self._windows[oldest][0] > past:
                return
            del self._windows[oldest]

"""The lag of the event loop."""

import asyncio
import time

import pytest

from realtime_app.loop_lag import INTERVAL_SECONDS, LoopLag
from realtime_app.metrics import Metrics


@pytest.mark.gen_test
async def test_a_loop_that_is_held_up_shows_by_how_long() -> None:
    metrics = Metrics()
    lag = LoopLag(metrics)
    await lag.start()
    await asyncio.sleep(INTERVAL_SECONDS / 2)
    time.sleep(INTERVAL_SECONDS)  # noqa: ASYNC251 - holding up the loop is the point
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert metrics.loop_lag_seconds == pytest.approx(INTERVAL_SECONDS / 2, abs=0.2)
    await lag.close()

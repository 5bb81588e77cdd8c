"""The lag of the event loop."""

import time

import pytest

from realtime_app.metrics import Metrics
from realtime_app.process.loop_lag import INTERVAL_SECONDS, LoopLag
from tests.realtime.peers import until

HELD_UP_SECONDS = 5 * INTERVAL_SECONDS


@pytest.mark.gen_test
async def test_a_loop_that_is_held_up_shows_by_how_long() -> None:
    metrics = Metrics()
    lag = LoopLag(metrics)
    await lag.start()
    time.sleep(HELD_UP_SECONDS)  # noqa: ASYNC251 - holding up the loop is the point
    await until(lambda: observed(metrics, "count") > 0, "the lag was never observed")
    await lag.close()

    assert observed(metrics, "sum") >= HELD_UP_SECONDS - INTERVAL_SECONDS


def observed(metrics: Metrics, what: str) -> float:
    value = metrics.registry.get_sample_value(f"realtime_loop_lag_seconds_{what}")
    assert value is not None
    return value

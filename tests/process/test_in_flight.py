"""The requests that a stop waits for."""

import asyncio

import pytest

from realtime_app.process.in_flight import RequestsInFlight


@pytest.mark.gen_test
async def test_waiting_ends_when_the_last_request_has_left() -> None:
    in_flight = RequestsInFlight()
    first, second = object(), object()
    in_flight.enter(first)
    in_flight.enter(second)
    waiting = asyncio.create_task(in_flight.wait_until_empty())
    in_flight.leave(first)
    await asyncio.sleep(0)
    assert not waiting.done()
    in_flight.leave(second)
    await waiting


@pytest.mark.gen_test
async def test_nobody_waits_for_requests_that_are_not_there() -> None:
    in_flight = RequestsInFlight()
    in_flight.leave(object())
    await in_flight.wait_until_empty()

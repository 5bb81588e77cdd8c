"""What only the broker of a single process does."""

import pytest

from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import round_trip

pytestmark = pytest.mark.gen_test


async def test_nothing_is_told_within_the_call_that_causes_it(start: BrokerStarter) -> None:
    broker, listener = await start("memory://")

    broker.subscribe("a")
    broker.publish("a", b"1")
    assert listener.told == ["up"]

    await listener.until_message(("a", b"1"))
    assert listener.told == ["up", "confirmed", "messages"]


async def test_two_brokers_hear_nothing_of_each_other(start: BrokerStarter) -> None:
    one, hears_one = await start("memory://")
    other, hears_other = await start("memory://")

    await round_trip(one, hears_one, b"1")
    await round_trip(other, hears_other, b"2")

    assert hears_other.messages == [("round trip", b"2")]

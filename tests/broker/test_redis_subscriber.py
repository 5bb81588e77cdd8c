"""How subscriptions survive the loss of their connection."""

import time

import pytest

from realtime_app.broker.base import LinkState
from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import round_trip, subscribe_all
from tests.servers.redis_server import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.gen_test, pytest.mark.allowed_logs("the link to .* is lost")]


async def test_every_channel_is_confirmed_anew_before_up_when_redis_was_restarted(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    tickets = subscribe_all(broker, 20)
    await listener.until_up()
    assert listener.confirmed == tickets

    redis_server.stop()
    await listener.until_not_up()
    assert broker.state is LinkState.DOWN
    assert not broker.is_confirmed(tickets[0][0])
    redis_server.start()

    await listener.until_up()
    assert listener.confirmed == tickets * 2
    assert listener.told[-1] == "up"
    assert (broker.generation, broker.stats.rebuilds) == (2, 1)
    await round_trip(broker, listener, b"again")


async def test_link_is_rebuilt_at_once_when_redis_cuts_the_subscriber(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    tickets = subscribe_all(broker, 3)
    await listener.until_up()

    redis_server.execute("CLIENT", "KILL", "TYPE", "pubsub")
    await listener.until_not_up()
    await listener.until_up()

    assert listener.states == [LinkState.UP, LinkState.DOWN, LinkState.UP]
    assert listener.confirmed == tickets * 2


async def test_channels_that_come_and_go_while_redis_is_away_leave_nothing_behind(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    tickets = subscribe_all(broker, 3)
    await listener.until_up()

    redis_server.stop()
    await listener.until_not_up()
    for number in range(1000):
        broker.subscribe(f"visitor:{number}")
        broker.unsubscribe(f"visitor:{number}")

    assert len(broker._table._channels) == len(tickets)


async def test_foreign_publishers_message_arrives_without_the_prefix(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url, prefix="planner:")
    broker.subscribe("a")
    await listener.until_up()

    redis_server.execute("PUBLISH", "a", "somebody else's")
    redis_server.execute("PUBLISH", "planner:a", "ours")

    await listener.until_message(("a", b"ours"))
    assert listener.messages == [("a", b"ours")]
    channels = redis_server.execute("PUBSUB", "CHANNELS")
    assert all(channel.startswith(b"planner:") for channel in channels)


async def test_pauses_between_batches_differ_by_chance(redis_server: RedisServer, start: BrokerStarter) -> None:
    broker, listener = start.build(redis_server.url, resubscribe_pause_seconds=0.02)
    broker._subscriber._random = lambda: 1.0  # the longest pauses; the shortest are a third of them
    subscribe_all(broker, 5_000)
    begun_at = time.monotonic()
    await broker.start()
    await listener.until_up()
    assert time.monotonic() - begun_at > 9 * 0.02 * 1.5


async def test_channels_return_in_batches_when_they_are_many(redis_server: RedisServer, start: BrokerStarter) -> None:
    broker, listener = await start(redis_server.url, resubscribe_pause_seconds=0.02)
    tickets = subscribe_all(broker, 5_000)
    await listener.until_up()
    assert listener.confirmed == tickets

    redis_server.execute("CLIENT", "KILL", "TYPE", "pubsub")
    await listener.until_not_up()
    killed_at = time.monotonic()
    gone, late = "user:4998:events", "user:9999:events"
    await listener.until(lambda: len(listener.confirmed) > 5_000)
    broker.unsubscribe(gone)
    late_ticket = broker.subscribe(late)

    await listener.until_up()
    assert time.monotonic() - killed_at > 9 * 0.02 * 0.5
    again = listener.confirmed[5_000:]
    assert sorted(again) == sorted([*(ticket for ticket in tickets if ticket[0] != gone), (late, late_ticket)])
    assert again.index((late, late_ticket)) < 2_500, "a new channel must not wait for the old ones"

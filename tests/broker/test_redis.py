"""How the link to Redis is lost, noticed and rebuilt."""

import asyncio
import logging
import time

import pytest

from realtime_app.broker import Broker, LinkState
from realtime_app.broker.base import QUEUE_MESSAGES
from realtime_app.broker.redis_timing import RedisTiming
from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import RecordingListener
from tests.servers.redis_server import RedisServer
from tests.servers.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.redis, pytest.mark.gen_test, pytest.mark.allowed_logs("the link to .* is lost")]

DEFAULT = RedisTiming()


def proxy_url(proxy: TcpProxy) -> str:
    return f"redis://127.0.0.1:{proxy.port}"


def subscribe_all(broker: Broker, count: int) -> list[tuple[str, int]]:
    return [(channel, broker.subscribe(channel)) for channel in (f"user:{n}:events" for n in range(count))]


async def round_trip(broker: Broker, listener: RecordingListener, message: bytes) -> None:
    broker.subscribe("round trip")
    await listener.until(lambda: broker.is_confirmed("round trip"))
    broker.publish("round trip", message)
    await listener.until_message(("round trip", message))


async def test_start_returns_at_once_and_the_link_comes_by_itself_when_redis_starts_later(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    redis_server.stop()
    started_at = time.monotonic()
    broker, listener = await start(redis_server.url)
    ticket = broker.subscribe("a")
    assert time.monotonic() - started_at < 0.2
    assert (broker.state, broker.generation) == (LinkState.DOWN, 0)

    redis_server.start()

    await listener.until_up()
    assert listener.confirmed == [("a", ticket)]


async def test_publish_returns_at_once_and_keeps_the_newest_when_redis_is_down(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    broker.subscribe("a")
    await listener.until_up()
    redis_server.stop()
    await listener.until_not_up()

    started_at = time.monotonic()
    for n in range(2 * QUEUE_MESSAGES):
        broker.publish("a", b"%d" % n)

    assert time.monotonic() - started_at < 1.0
    assert broker.queue_length <= QUEUE_MESSAGES
    assert broker.stats.publish_dropped >= QUEUE_MESSAGES
    redis_server.start()
    await listener.until_message(("a", b"%d" % (2 * QUEUE_MESSAGES - 1)))


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


async def test_messages_still_arrive_when_redis_cuts_the_publisher(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    await round_trip(broker, listener, b"before")

    redis_server.execute("CLIENT", "KILL", "TYPE", "normal")

    await round_trip(broker, listener, b"after")
    assert broker.generation == 1


@pytest.mark.gen_test(timeout=30)
async def test_hung_redis_is_known_within_six_seconds_by_default(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(
        redis_server.url,
        probe_interval_seconds=DEFAULT.probe_interval_seconds,
        probe_timeout_seconds=DEFAULT.probe_timeout_seconds,
        publish_timeout_seconds=DEFAULT.publish_timeout_seconds,
    )
    await listener.until_up()

    redis_server.pause()
    await listener.until(lambda: broker.state is LinkState.DEAF, within_seconds=6)

    redis_server.resume()
    await listener.until_up()
    await round_trip(broker, listener, b"again")


async def test_link_is_rebuilt_when_redis_hung_for_longer_than_a_probe_may_take(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    tickets = subscribe_all(broker, 3)
    await listener.until_up()

    redis_server.pause()
    await listener.until(lambda: broker.stats.probes_lost > 0)
    redis_server.resume()

    await listener.until_up()
    assert listener.confirmed == tickets * 2
    await round_trip(broker, listener, b"again")


async def test_link_is_deaf_and_rebuilt_when_only_the_subscriber_hangs(proxy: TcpProxy, start: BrokerStarter) -> None:
    broker, listener = await start(proxy_url(proxy))
    await round_trip(broker, listener, b"before")
    subscriber = next(connection for connection in proxy.connections if b"SUBSCRIBE" in connection.seen)

    subscriber.stall()
    await listener.until(lambda: broker.state is LinkState.DEAF)

    await round_trip(broker, listener, b"after")
    await listener.until_up()
    assert broker.generation == 2


async def test_link_leaves_up_but_keeps_its_subscriptions_when_only_the_publisher_hangs(
    proxy: TcpProxy, start: BrokerStarter
) -> None:
    broker, listener = await start(proxy_url(proxy), probe_timeout_seconds=5)
    await round_trip(broker, listener, b"before")
    publisher = next(connection for connection in proxy.connections if b"PUBLISH" in connection.seen)

    publisher.stall()
    await listener.until(lambda: broker.state is LinkState.DEAF)

    await round_trip(broker, listener, b"after")
    await listener.until_up()
    assert broker.generation == 1


async def test_link_stays_up_when_this_process_stood_still(redis_server: RedisServer, start: BrokerStarter) -> None:
    broker, listener = await start(redis_server.url, late_tick_seconds=0.2)
    await round_trip(broker, listener, b"before")

    time.sleep(1.0)  # noqa: ASYNC251  # twice what a probe may take

    probes_before = redis_probes(redis_server)
    await listener.until(lambda: redis_probes(redis_server) >= probes_before + 5)
    await round_trip(broker, listener, b"after")
    assert listener.states == [LinkState.UP]


def redis_probes(server: RedisServer) -> int:
    """How often anything was published so far."""
    statistics = server.execute("INFO", "commandstats")
    return int(statistics["cmdstat_publish"]["calls"])


async def test_one_line_tells_of_the_loss_and_one_of_the_return(
    redis_server: RedisServer, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "realtime_app.broker")
    broker, listener = await start(redis_server.url)
    await listener.until_up()

    redis_server.stop()
    await listener.until_not_up()
    for n in range(100):
        broker.publish("a", b"%d" % n)
    failures = broker.stats.publish_failures
    await listener.until(lambda: broker.stats.publish_failures >= failures + 3)
    redis_server.start()
    await listener.until_up()

    lines = [record.getMessage() for record in caplog.records]
    place = redis_server.url
    assert [line.partition(": ")[0] if "lost" in line else line for line in lines] == [
        f"the link to {place} is up",
        f"the link to {place} is lost",
        f"the link to {place} is up",
    ]


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


async def test_close_flushes_what_is_queued(redis_server: RedisServer, start: BrokerStarter) -> None:
    publisher, publishing = await start(redis_server.url)
    _, listener = reader = await start(redis_server.url)
    reader[0].subscribe("a")
    await publishing.until_up()
    await listener.until_up()

    for n in range(1_000):
        publisher.publish("a", b"%d" % n)
    await publisher.close(flush_seconds=5)

    await listener.until_message(("a", b"999"))
    assert publisher.stats.publish_dropped == 0


async def test_close_gives_up_in_time_when_redis_hangs(redis_server: RedisServer, start: BrokerStarter) -> None:
    broker, listener = await start(redis_server.url)
    await listener.until_up()
    redis_server.pause()
    broker.publish("a", b"")

    async with asyncio.timeout(1):
        await broker.close(flush_seconds=0.1)

    assert broker.stats.publish_dropped == 1

"""How the state of the link follows what really happens to Redis, and what the log says of it."""

import asyncio
import logging
import time

import pytest

from realtime_app.broker.base import MAX_MESSAGE_BYTES, LinkState
from realtime_app.broker.redis_timing import RedisTiming
from tests.broker.conftest import QUICK, BrokerStarter
from tests.broker.recording_listener import round_trip, subscribe_all
from tests.servers.redis_server import RedisServer
from tests.servers.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.redis, pytest.mark.gen_test, pytest.mark.allowed_logs("the link to .* is lost")]

DEFAULT = RedisTiming()


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
    broker, listener = await start(proxy.url)
    await round_trip(broker, listener, b"before")
    subscriber = next(connection for connection in proxy.connections if b"SUBSCRIBE" in connection.seen)

    subscriber.stall()
    await listener.until(lambda: broker.state is LinkState.DEAF)

    await round_trip(broker, listener, b"after")
    await listener.until_up()
    assert broker.generation == 2


@pytest.mark.gen_test(timeout=30)
async def test_link_stays_up_when_more_comes_than_can_be_taken_in_the_time_of_a_probe(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    redis_server.execute("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0")
    broker, listener = await start(redis_server.url)
    listener.seconds_per_batch = 0.04
    await round_trip(broker, listener, b"before")
    begun_at = time.monotonic()

    for _ in range(40):
        redis_server.execute("PUBLISH", "round trip", bytes(MAX_MESSAGE_BYTES))
    redis_server.execute("PUBLISH", "round trip", b"the last")

    await listener.until_message(("round trip", b"the last"))
    assert time.monotonic() - begun_at > 2 * QUICK.probe_timeout_seconds
    assert listener.states == [LinkState.UP]


@pytest.mark.expected_logs("a message of more than 1048576 bytes was dropped")
async def test_messages_that_are_too_large_are_counted_and_logged_once(
    redis_server: RedisServer, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    broker, listener = await start(redis_server.url)
    await round_trip(broker, listener, b"before")
    caplog.clear()

    for _ in range(3):
        redis_server.execute("PUBLISH", "round trip", bytes(MAX_MESSAGE_BYTES + 1))

    await round_trip(broker, listener, b"after")
    assert broker.stats.received_dropped == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_link_stays_up_when_this_process_stood_still(redis_server: RedisServer, start: BrokerStarter) -> None:
    broker, listener = await start(redis_server.url, late_tick_seconds=0.2)
    await round_trip(broker, listener, b"before")
    await listener.until(lambda: times_published(redis_server) > 3)
    redis_server.pause()
    broker.publish("round trip", b"on its way")
    await turns(5)

    time.sleep(1.0)  # noqa: ASYNC251  # twice what a probe may take, three times what publishing may
    await turns(5)
    redis_server.resume()

    await listener.until_message(("round trip", b"on its way"))
    await round_trip(broker, listener, b"after")
    assert listener.states == [LinkState.UP]


def times_published(server: RedisServer) -> int:
    """Probes included: three of them mean that the link has been watched for a while."""
    return int(server.execute("INFO", "commandstats")["cmdstat_publish"]["calls"])


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


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

"""Messages on their way to a Redis that is slow, gone or broken."""

import asyncio
import time

import pytest

from realtime_app.broker.base import QUEUE_MESSAGES, LinkState
from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import round_trip
from tests.servers.redis_server import RedisServer
from tests.servers.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.redis, pytest.mark.gen_test, pytest.mark.allowed_logs("the link to .* is lost")]


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


async def test_messages_still_arrive_when_redis_cuts_the_publisher(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    await round_trip(broker, listener, b"before")

    redis_server.execute("CLIENT", "KILL", "TYPE", "normal")

    await round_trip(broker, listener, b"after")
    assert broker.generation == 1


async def test_link_leaves_up_but_keeps_its_subscriptions_when_only_the_publisher_hangs(
    proxy: TcpProxy, start: BrokerStarter
) -> None:
    broker, listener = await start(proxy.url, probe_timeout_seconds=5)
    await round_trip(broker, listener, b"before")
    publisher = next(connection for connection in proxy.connections if b"PUBLISH" in connection.seen)

    publisher.stall()
    await listener.until(lambda: broker.state is LinkState.DEAF)

    await round_trip(broker, listener, b"after")
    await listener.until_up()
    assert broker.generation == 1


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

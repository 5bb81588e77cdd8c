"""What a connection does with replies that no well-behaved publisher causes."""

import asyncio
from itertools import pairwise

import pytest
import uvloop

from realtime_app.broker.base import MAX_MESSAGE_BYTES, LinkState
from realtime_app.broker.redis import RedisBroker
from realtime_app.broker.redis_address import RedisAddress
from realtime_app.broker.redis_protocol import MAX_REPLY_BYTES
from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import RecordingListener, round_trip
from tests.servers.redis_server import RedisServer
from tests.servers.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.redis, pytest.mark.gen_test]


@pytest.mark.expected_logs("a message of more than 1048576 bytes was dropped")
async def test_message_is_skipped_and_counted_when_it_is_too_large(
    redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_server.url)
    broker.subscribe("a")
    await listener.until_up()

    redis_server.execute("PUBLISH", "a", bytes(MAX_MESSAGE_BYTES + 1))
    redis_server.execute("PUBLISH", "a", "small")

    await listener.until_message(("a", b"small"))
    assert len(listener.messages) == 1
    assert broker.stats.received_dropped == 1
    assert listener.states == [LinkState.UP]


@pytest.mark.expected_logs("is lost: a reply is too large")
async def test_link_is_rebuilt_when_a_reply_would_not_end(redis_server: RedisServer, start: BrokerStarter) -> None:
    broker, listener = await start(redis_server.url)
    broker.subscribe("a")
    await listener.until_up()

    redis_server.execute("PUBLISH", "a", bytes(MAX_REPLY_BYTES + MAX_MESSAGE_BYTES))

    await listener.until(lambda: broker.generation == 2)
    await listener.until_up()
    redis_server.execute("PUBLISH", "a", "small")
    await listener.until_message(("a", b"small"))


@pytest.mark.expected_logs("is lost: Protocol error")
async def test_link_is_rebuilt_when_something_else_than_redis_speaks(proxy: TcpProxy, start: BrokerStarter) -> None:
    broker, listener = await start(proxy.url)
    await listener.until_up()

    for connection in proxy.connections:
        connection.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    await listener.until(lambda: broker.generation == 2)
    await listener.until_up()


def test_others_have_their_turn_between_two_full_reads_when_the_loop_is_uvloops(redis_server: RedisServer) -> None:
    redis_server.execute("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        counts = runner.run(_batches_by_turn(redis_server))

    assert counts[-1] > 20
    assert max(later - earlier for earlier, later in pairwise(counts)) == 1


async def _batches_by_turn(redis_server: RedisServer) -> list[int]:
    """How many batches had been taken at each turn of the loop, while more came than could be taken."""
    broker = RedisBroker(RedisAddress(redis_server.url))
    listener = RecordingListener(broker)
    await broker.start()
    await round_trip(broker, listener, b"before")
    listener.seconds_per_batch = 0.01
    counts: list[int] = []
    counting = asyncio.create_task(_count_batches(listener, counts))
    for _ in range(20):
        redis_server.execute("PUBLISH", "round trip", bytes(MAX_MESSAGE_BYTES))
    redis_server.execute("PUBLISH", "round trip", b"the last")
    await listener.until_message(("round trip", b"the last"))
    counting.cancel()
    await broker.close()
    return counts


async def _count_batches(listener: RecordingListener, counts: list[int]) -> None:
    while True:
        counts.append(len(listener.batches))
        await asyncio.sleep(0)

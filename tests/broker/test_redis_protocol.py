"""What a connection does with replies that no well-behaved publisher causes."""

import pytest

from realtime_app.broker import LinkState
from realtime_app.broker.base import MAX_MESSAGE_BYTES
from realtime_app.broker.redis_protocol import MAX_REPLY_BYTES
from tests.broker.conftest import BrokerStarter
from tests.servers.redis_server import RedisServer
from tests.servers.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.redis, pytest.mark.gen_test]


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

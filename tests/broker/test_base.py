"""What every broker promises, tried on each kind."""

import pytest
from tornado.ioloop import IOLoop

from realtime_app.broker.base import MAX_MESSAGE_BYTES, QUEUE_MESSAGES, Broker, LinkState, Message
from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import RecordingListener

Listened = tuple[Broker, RecordingListener]


SERVERS = {
    "redis": "shared_redis_server",
    "sentinel": "shared_redis_sentinel",
    "cluster": "shared_redis_cluster",
}


@pytest.fixture(params=["memory", *(pytest.param(kind, marks=pytest.mark.redis) for kind in SERVERS)])
def built(request: pytest.FixtureRequest, start: BrokerStarter) -> Listened:
    """A broker that was not started yet."""
    if request.param == "memory":
        return start.build("memory://")
    server = request.getfixturevalue(SERVERS[request.param])
    # Nothing is to time out on a busy machine.
    patient = {"publish_timeout_seconds": 5.0, "probe_timeout_seconds": 5.0, "connect_timeout_seconds": 5.0}
    return start.build(server.url, prefix=f"{request.node.name}:", **patient)


@pytest.fixture
def up(built: Listened, io_loop: IOLoop) -> Listened:
    """A broker whose link is up."""
    broker, listener = built
    io_loop.run_sync(broker.start)
    io_loop.run_sync(listener.until_up)
    return built


async def subscribe(up: Listened, *channels: str) -> None:
    broker, listener = up
    for channel in channels:
        await listener.until_confirmed(channel, broker.subscribe(channel))


@pytest.mark.gen_test
async def test_messages_of_one_channel_arrive_in_order_of_publishing(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a", "b")
    sent: list[Message] = [(f"{'ab'[n % 2]}", b"%d" % n) for n in range(2_000)]

    for message in sent:
        broker.publish(*message)

    await listener.until(lambda: len(listener.messages) == len(sent))
    for channel in ("a", "b"):
        assert [m for m in listener.messages if m[0] == channel] == [m for m in sent if m[0] == channel]


@pytest.mark.gen_test
async def test_messages_are_handed_over_together_when_they_arrive_together(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")

    for n in range(100):
        broker.publish("a", b"%d" % n)

    await listener.until_message(("a", b"99"))
    assert [len(batch) for batch in listener.batches] == [100]


@pytest.mark.gen_test
async def test_any_bytes_arrive_unchanged(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "ü:ß")

    broker.publish("ü:ß", b"\r\n\x00\xff$5\r\n")

    await listener.until_message(("ü:ß", b"\r\n\x00\xff$5\r\n"))


@pytest.mark.gen_test
async def test_channel_is_confirmed_when_it_was_subscribed_before_the_start(built: Listened) -> None:
    broker, listener = built
    ticket = broker.subscribe("a")
    assert not broker.is_confirmed("a")

    await broker.start()

    await listener.until_up()
    assert listener.confirmed == [("a", ticket)]
    assert listener.told == ["confirmed", "up"]
    assert broker.is_confirmed("a")


@pytest.mark.gen_test
async def test_same_ticket_and_no_new_confirmation_when_already_subscribed(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")

    assert broker.subscribe("a") == listener.confirmed[0][1]

    await subscribe(up, "marker")
    assert [channel for channel, _ in listener.confirmed] == ["a", "marker"]


@pytest.mark.gen_test
async def test_only_the_newest_ticket_is_confirmed_when_resubscribed_within_one_turn(up: Listened) -> None:
    broker, listener = up

    old = broker.subscribe("a")
    broker.unsubscribe("a")
    new = broker.subscribe("a")

    await listener.until_confirmed("a", new)
    assert old != new
    assert listener.confirmed == [("a", new)]


@pytest.mark.gen_test
async def test_nothing_is_confirmed_or_heard_when_unsubscribed(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")
    broker.subscribe("b")

    broker.unsubscribe("a")
    broker.unsubscribe("b")
    broker.publish("a", b"unheard")

    assert not broker.is_confirmed("a")
    await subscribe(up, "marker")
    broker.publish("marker", b"heard")
    await listener.until_message(("marker", b"heard"))
    assert [channel for channel, _ in listener.confirmed] == ["a", "marker"]
    assert listener.messages == [("marker", b"heard")]


@pytest.mark.gen_test
async def test_unsubscribe_changes_nothing_when_never_subscribed(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")

    broker.unsubscribe("b")
    broker.unsubscribe("b")

    broker.publish("a", b"heard")
    await listener.until_message(("a", b"heard"))


@pytest.mark.gen_test
async def test_messages_arrive_again_when_resubscribed_later(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")
    broker.unsubscribe("a")
    await subscribe(up, "marker")

    await subscribe(up, "a")

    broker.publish("a", b"heard")
    await listener.until_message(("a", b"heard"))


@pytest.mark.gen_test
async def test_listener_may_publish_and_subscribe_from_its_callbacks(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "question")

    def answer(batch: list[Message]) -> None:
        RecordingListener.on_messages(listener, batch)
        if batch[0][0] == "question":
            broker.unsubscribe("question")
            broker.subscribe("answer")

    listener.on_messages = answer  # type: ignore[method-assign]
    broker.publish("question", b"?")

    await listener.until(lambda: broker.is_confirmed("answer"))
    broker.publish("answer", b"!")
    await listener.until_message(("answer", b"!"))


@pytest.mark.gen_test
@pytest.mark.expected_logs("the broker's listener failed .*unheard of")
async def test_messages_go_on_when_the_listener_raises(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")

    def fail_once(batch: list[Message]) -> None:
        del listener.on_messages
        raise LookupError("unheard of")

    listener.on_messages = fail_once  # type: ignore[method-assign]
    broker.publish("a", b"1")
    await listener.until(lambda: broker.stats.received == 1)
    broker.publish("a", b"2")

    await listener.until_message(("a", b"2"))


@pytest.mark.gen_test
async def test_message_is_dropped_and_counted_when_it_is_too_large(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")

    broker.publish("a", bytes(MAX_MESSAGE_BYTES + 1))
    broker.publish("a", bytes(MAX_MESSAGE_BYTES))

    await listener.until_message(("a", bytes(MAX_MESSAGE_BYTES)))
    assert len(listener.messages) == 1
    assert broker.stats.publish_dropped == 1


@pytest.mark.gen_test
async def test_oldest_messages_are_dropped_when_the_queue_is_full(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")

    for n in range(QUEUE_MESSAGES + 5):
        broker.publish("a", b"%d" % n)
    assert broker.queue_length == QUEUE_MESSAGES

    await listener.until_message(("a", b"%d" % (QUEUE_MESSAGES + 4)))
    assert listener.messages[0] == ("a", b"5")
    assert len(listener.messages) == QUEUE_MESSAGES
    await listener.until(lambda: broker.queue_length == 0)
    assert broker.stats.publish_dropped == 5


@pytest.mark.gen_test
async def test_published_and_received_are_counted(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")

    for channel in ("a", "nobody's", "a"):
        broker.publish(channel, b"")

    await listener.until(lambda: broker.stats.published == 3 and broker.stats.received == 2)


@pytest.mark.gen_test
async def test_link_is_up_between_start_and_close(built: Listened) -> None:
    broker, listener = built
    assert (broker.state, broker.generation) == (LinkState.DOWN, 0)

    await broker.start()
    await listener.until(lambda: listener.states == [LinkState.UP])
    assert (broker.state, broker.generation) == (LinkState.UP, 1)

    await broker.close()
    assert broker.state is LinkState.DOWN


@pytest.mark.gen_test
async def test_every_call_is_harmless_when_closed(up: Listened) -> None:
    broker, listener = up
    await subscribe(up, "a")
    await broker.close()

    broker.publish("a", b"")
    broker.subscribe("b")
    broker.unsubscribe("a")
    await broker.close()

    assert listener.messages == []
    assert broker.stats.publish_dropped == 1
    assert broker.queue_length == 0

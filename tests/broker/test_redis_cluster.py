"""A real cluster: where channels are, and what their listener notices when slots and nodes come and go."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from redis.crc import key_slot

from realtime_app.broker.base import LinkState
from realtime_app.broker.factory import broker_from_url
from realtime_app.broker.redis import PROBE_CHANNEL
from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import subscribe_all
from tests.servers.redis_cluster import RedisCluster
from tests.servers.redis_server import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.gen_test, pytest.mark.allowed_logs("the link to .* is lost")]

CHANNEL = "user:1:events"


@pytest.fixture
def lone_node() -> Iterator[RedisCluster]:
    """A cluster of a single node that was not started yet."""
    cluster = RedisCluster(masters=1)
    yield cluster
    cluster.close()


def another_than(cluster: RedisCluster, node: RedisServer) -> RedisServer:
    return next(master for master in cluster.masters if master is not node)


def channels_of(node: RedisServer) -> set[str]:
    return {channel.decode() for channel in node.execute("PUBSUB", "SHARDCHANNELS")}


async def test_each_channel_is_on_its_node_and_arrives_once(
    shared_redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    broker, listener = await start(shared_redis_cluster.url, prefix="each:")
    channels = [channel for channel, _ in subscribe_all(broker, 50)]
    await listener.until_up()

    for channel in channels:
        broker.publish(channel, channel.encode())

    await listener.until(lambda: len(listener.messages) == 50)
    assert sorted(listener.messages) == sorted((channel, channel.encode()) for channel in channels)
    wires = {f"each:{channel}" for channel in channels}
    at_nodes = [channels_of(node) & wires for node in shared_redis_cluster.masters]
    assert all(at_nodes)
    assert sum(map(len, at_nodes)) == 50


async def test_what_another_program_publishes_arrives_when_it_speaks_to_the_right_node(
    shared_redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    broker, listener = await start(shared_redis_cluster.url)
    broker.subscribe(CHANNEL)
    await listener.until_up()

    shared_redis_cluster.master_of(CHANNEL).execute("SPUBLISH", CHANNEL, "theirs")

    await listener.until_message((CHANNEL, b"theirs"))


async def test_link_comes_up_when_the_user_may_do_just_what_is_needed(
    shared_redis_cluster: RedisCluster, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "realtime_app")
    for node in shared_redis_cluster.masters:
        node.execute(
            *("ACL", "SETUSER", "planner", "on", ">p@ss", "resetchannels", "&user:*", f"&{PROBE_CHANNEL}*"),
            *("-@all", "+ssubscribe", "+sunsubscribe", "+spublish", "+ping", "+cluster|slots"),
        )
    url = shared_redis_cluster.url.replace("://", "://planner:p%40ss@")

    broker, listener = await start(url)

    broker.subscribe(CHANNEL)
    await listener.until_up()
    broker.publish(CHANNEL, b"there and back")
    await listener.until_message((CHANNEL, b"there and back"))
    broker.unsubscribe(CHANNEL)
    assert f"the link to {shared_redis_cluster.url} is up" in caplog.messages
    assert "p%40ss" not in caplog.text


async def test_channel_is_confirmed_anew_and_nothing_else_happens_when_its_slot_goes_to_another_node(
    shared_redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    reader, listener = await start(shared_redis_cluster.url)
    writer, writing = await start(shared_redis_cluster.url)
    tickets = dict(subscribe_all(reader, 30))
    await listener.until_up()
    await writing.until_up()
    old = shared_redis_cluster.master_of(CHANNEL)
    new = another_than(shared_redis_cluster, old)

    shared_redis_cluster.move_slot(CHANNEL, new)

    again = (CHANNEL, tickets[CHANNEL])
    await listener.until(lambda: listener.confirmed.count(again) == 2)
    assert len(listener.confirmed) == 31
    assert reader.is_confirmed(CHANNEL)
    writer.publish(CHANNEL, b"by the new way")
    await listener.until_message((CHANNEL, b"by the new way"))
    assert listener.states == writing.states == [LinkState.UP]
    assert CHANNEL in channels_of(new)


async def test_message_arrives_when_its_publisher_has_not_heard_of_the_move(
    shared_redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    reader, listener = await start(shared_redis_cluster.url)
    writer, writing = await start(shared_redis_cluster.url, whereabouts_seconds=60)
    reader.subscribe(CHANNEL)
    await listener.until_up()
    await writing.until_up()
    shared_redis_cluster.move_slot(CHANNEL, another_than(shared_redis_cluster, shared_redis_cluster.master_of(CHANNEL)))
    await listener.until(lambda: len(listener.confirmed) == 2)

    writer.publish(CHANNEL, b"first to the wrong node")

    await listener.until_message((CHANNEL, b"first to the wrong node"))


async def test_channel_is_subscribed_at_the_right_node_when_this_process_has_not_heard_of_the_move(
    shared_redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    broker, listener = await start(shared_redis_cluster.url, whereabouts_seconds=60)
    await listener.until_up()
    shared_redis_cluster.move_slot(CHANNEL, another_than(shared_redis_cluster, shared_redis_cluster.master_of(CHANNEL)))

    ticket = broker.subscribe(CHANNEL)

    await listener.until_confirmed(CHANNEL, ticket)
    broker.publish(CHANNEL, b"there and back")
    await listener.until_message((CHANNEL, b"there and back"))
    assert listener.states == [LinkState.UP]


async def test_link_to_a_node_is_proven_anew_when_the_slot_of_its_probe_goes_away(
    shared_redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    broker, listener = await start(shared_redis_cluster.url)
    tickets = subscribe_all(broker, 30)
    await listener.until_up()
    node = shared_redis_cluster.masters[0]
    (probe,) = (channel for channel in channels_of(node) if channel.startswith(PROBE_CHANNEL))
    assert probe not in {channel for channel, _ in tickets}

    shared_redis_cluster.move_slot(probe, shared_redis_cluster.masters[1])

    await listener.until(lambda: len(listener.states) == 3)
    assert listener.states == [LinkState.UP, LinkState.DOWN, LinkState.UP]
    assert all(broker.is_confirmed(channel) for channel, _ in tickets)


@pytest.mark.gen_test(timeout=40)
async def test_channels_are_confirmed_anew_on_the_replica_when_a_node_dies(
    redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    dying = redis_cluster.masters[1]
    replica = redis_cluster.add_replica_of(dying)
    broker, listener = await start(redis_cluster.url)
    tickets = subscribe_all(broker, 60)
    await listener.until_up()
    orphans = [ticket for ticket in tickets if redis_cluster.master_of(ticket[0]) is dying]
    others = [channel for channel, _ in tickets if (channel, _) not in orphans]

    dying.kill()
    await listener.until_not_up()
    broker.publish(others[0], b"the other nodes go on")
    await listener.until_message((others[0], b"the other nodes go on"))
    await listener.until(lambda: broker.is_link_up, within_seconds=20)

    assert sorted(listener.confirmed) == sorted(tickets + orphans)
    broker.publish(orphans[0][0], b"again")
    await listener.until_message((orphans[0][0], b"again"))
    assert channels_of(replica) >= {channel for channel, _ in orphans}


async def test_link_comes_up_by_itself_when_the_cluster_starts_later(
    lone_node: RedisCluster, start: BrokerStarter
) -> None:
    broker, listener = await start(lone_node.url)
    ticket = broker.subscribe(CHANNEL)
    broker.publish(CHANNEL, b"waits")
    assert (broker.state, broker.generation, broker.queue_length) == (LinkState.DOWN, 0, 1)

    await asyncio.to_thread(lone_node.start)

    await listener.until_up()
    assert listener.confirmed == [(CHANNEL, ticket)]
    await listener.until(lambda: broker.queue_length == 0)


async def test_close_flushes_also_what_was_published_before_the_cluster_was_looked_at(
    shared_redis_cluster: RedisCluster, start: BrokerStarter
) -> None:
    reader, listener = await start(shared_redis_cluster.url, prefix="flush:")
    reader.subscribe(CHANNEL)
    await listener.until_up()
    writer, _ = start.build(shared_redis_cluster.url, prefix="flush:")

    await writer.start()
    writer.publish(CHANNEL, b"a last word")
    await writer.close(flush_seconds=5)

    await listener.until_message((CHANNEL, b"a last word"))
    assert writer.stats.publish_dropped == 0


async def test_close_gives_up_in_time_when_there_is_no_cluster(lone_node: RedisCluster, start: BrokerStarter) -> None:
    broker, _ = await start(lone_node.url)
    broker.publish(CHANNEL, b"")

    async with asyncio.timeout(1):
        await broker.close(flush_seconds=0.1)

    assert broker.stats.publish_dropped == 1


def test_prefix_that_would_put_all_channels_on_one_node_is_refused() -> None:
    with pytest.raises(ValueError, match="with a brace"):
        broker_from_url("redis+cluster://host", prefix="{planner}:")
    assert key_slot(b"{planner}:a") == key_slot(b"{planner}:b")

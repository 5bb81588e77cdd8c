"""What is known of a cluster, whatever has become of the nodes that REDIS_URL names."""

import pytest
from redis.exceptions import ResponseError

from realtime_app.broker.cluster_topology import ClusterTopology
from realtime_app.core.redis_url import redis_hosts
from tests.servers.ports import free_port
from tests.servers.redis_cluster import RedisCluster
from tests.servers.redis_server import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.gen_test]


def topology(url: str) -> ClusterTopology:
    hosts = redis_hosts(url)
    assert hosts is not None
    return ClusterTopology(hosts)


async def test_every_slot_has_its_master_when_one_node_that_answers_is_named(
    shared_redis_cluster: RedisCluster,
) -> None:
    named = f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{shared_redis_cluster.masters[2].port}"

    slots = await topology(named).read()

    assert slots.is_complete
    assert slots.nodes == {("127.0.0.1", node.port) for node in shared_redis_cluster.masters}
    assert slots.master_of(b"a") == ("127.0.0.1", shared_redis_cluster.master_of("a").port)


async def test_error_says_that_no_node_answers_when_none_does() -> None:
    with pytest.raises(ConnectionError, match="no node of the cluster answers"):
        await topology(f"redis+cluster://127.0.0.1:{free_port()}").read()


async def test_slots_are_incomplete_when_nobody_serves_some() -> None:
    server = RedisServer({"cluster-enabled": "yes", "cluster-port": str(free_port())})
    server.start()
    try:
        server.execute("CLUSTER", "ADDSLOTSRANGE", 0, 99)
        slots = await topology(f"redis+cluster://127.0.0.1:{server.port}").read()
    finally:
        server.close()

    assert not slots.is_complete
    assert slots.nodes == {("127.0.0.1", server.port)}
    assert slots.masters[99:101] == (("127.0.0.1", server.port), None)


async def test_redis_error_is_raised_when_the_server_is_no_cluster(shared_redis_server: RedisServer) -> None:
    with pytest.raises(ResponseError, match="cluster support disabled"):
        await topology(f"redis+cluster://127.0.0.1:{shared_redis_server.port}").read()

"""A real Redis Cluster on private ports, nothing kept."""

import time
from collections.abc import Callable, Iterator

import pytest
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from tests.servers.ports import free_port
from tests.servers.process import POLL_SECONDS, READY_SECONDS
from tests.servers.redis_server import RedisServer

NODE_TIMEOUT_MS = 1000


class RedisCluster:
    """Slots are given out evenly, in the order of `masters`."""

    def __init__(self, masters: int = 3) -> None:
        self.masters = [self._node() for _ in range(masters)]
        self.replicas: list[RedisServer] = []

    @property
    def nodes(self) -> list[RedisServer]:
        return self.masters + self.replicas

    @property
    def url(self) -> str:
        """Without credentials."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{master.port}" for master in self.masters)

    def start(self) -> None:
        """Wait until every node sees all the others and all slots."""
        count = len(self.masters)
        bounds = [round(n * REDIS_CLUSTER_HASH_SLOTS / count) for n in range(count + 1)]
        for number, master in enumerate(self.masters):
            master.start()
            master.execute("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            master.execute("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
            self._introduce(master)
        self._wait_until_whole()

    def add_replica_of(self, master: RedisServer) -> RedisServer:
        """Wait until it is in step with its master."""
        replica = self._node()
        replica.start()
        self.replicas.append(replica)
        self._introduce(replica)
        self._wait_until_whole()
        replica.execute("CLUSTER", "REPLICATE", self.id_of(master))
        _wait_until(lambda: replica.execute("INFO", "replication").get("master_link_status") == "up")
        _wait_until(lambda: all(f"slave {self.id_of(master)}" in _nodes(node) for node in self.nodes))
        return replica

    def master_of(self, channel: str) -> RedisServer:
        """The node that has the channel's slot, as the first master sees it."""
        slot = key_slot(channel.encode())
        for first, last, (_, port, *_), *_ in self.masters[0].execute("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == port)
        raise LookupError(channel)

    def move_slot(self, channel: str, target: RedisServer) -> None:
        """Give the slot of the channel to another master, as a resharding does it; there are no keys to be moved."""
        slot, source = key_slot(channel.encode()), self.master_of(channel)
        target.execute("CLUSTER", "SETSLOT", slot, "IMPORTING", self.id_of(source))
        source.execute("CLUSTER", "SETSLOT", slot, "MIGRATING", self.id_of(target))
        for node in (target, source, *self.masters):
            node.execute("CLUSTER", "SETSLOT", slot, "NODE", self.id_of(target))

    def id_of(self, node: RedisServer) -> str:
        return str(node.execute("CLUSTER", "MYID").decode())

    def close(self) -> None:
        for node in self.nodes:
            node.close()

    def _node(self) -> RedisServer:
        options = {
            "cluster-enabled": "yes",
            "cluster-port": str(free_port()),
            "cluster-node-timeout": str(NODE_TIMEOUT_MS),
            "repl-diskless-sync-delay": "0",
        }
        return RedisServer(options)

    def _introduce(self, node: RedisServer) -> None:
        first = self.masters[0]
        if node is not first:
            node.execute("CLUSTER", "MEET", "127.0.0.1", first.port, first.options["cluster-port"])

    def _wait_until_whole(self) -> None:
        _wait_until(lambda: all(self._sees_all(node) for node in self.nodes))

    def _sees_all(self, node: RedisServer) -> bool:
        info: bytes = node.execute("CLUSTER", "INFO")
        return b"cluster_state:ok" in info and b"cluster_known_nodes:%d\r" % len(self.nodes) in info


def _nodes(node: RedisServer) -> str:
    return str(node.execute("CLUSTER", "NODES").decode())


def _wait_until(is_met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_met():
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)


@pytest.fixture
def redis_cluster() -> Iterator[RedisCluster]:
    """A cluster for one test, which may do to it what it likes."""
    yield from _running()


@pytest.fixture(scope="session")
def shared_redis_cluster() -> Iterator[RedisCluster]:
    """One cluster for all tests that don't harm it; use a prefix or channels of one's own."""
    yield from _running()


def _running() -> Iterator[RedisCluster]:
    cluster = RedisCluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()

import pytest

from realtime_app.broker.factory import broker_from_url
from realtime_app.broker.memory import MemoryBroker
from realtime_app.broker.redis import RedisBroker
from realtime_app.broker.redis_cluster import RedisClusterBroker


def test_memory_url_gives_the_broker_of_one_process() -> None:
    assert isinstance(broker_from_url("memory://"), MemoryBroker)


@pytest.mark.parametrize(
    "url", ["redis://localhost", "rediss://localhost", "unix:///run/redis.sock", "redis+sentinel://localhost/mymaster"]
)
def test_redis_url_gives_the_broker_over_one_redis(url: str) -> None:
    assert isinstance(broker_from_url(url, prefix="p:"), RedisBroker)


def test_cluster_url_gives_the_broker_over_many_nodes() -> None:
    assert isinstance(broker_from_url("redis+cluster://localhost", prefix="p:"), RedisClusterBroker)


def test_unknown_url_is_refused() -> None:
    with pytest.raises(ValueError, match="not a valid"):
        broker_from_url("amqp://localhost")

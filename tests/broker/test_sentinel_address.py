"""Sentinel: which server the link leads to, and what happens when that changes."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_app.broker.base import LinkState
from realtime_app.broker.factory import broker_from_url
from tests.broker.conftest import BrokerStarter
from tests.broker.recording_listener import round_trip, subscribe_all
from tests.servers.redis_sentinels import RedisSentinels
from tests.servers.redis_server import RedisServer
from tests.servers.redis_tls import tls_options

PASSWORD, SENTINEL_PASSWORD = "of-the-server", "of-the-sentinel"

pytestmark = [pytest.mark.redis, pytest.mark.allowed_logs("the link to .* is lost")]


@pytest.fixture
def lone_sentinel(request: pytest.FixtureRequest) -> Iterator[RedisSentinels]:
    """One sentinel, one master; the parameter, if any, holds the options of the two."""
    sentinels = RedisSentinels(*getattr(request, "param", ()), sentinels=1, has_replica=False)
    try:
        sentinels.start()
        yield sentinels
    finally:
        sentinels.close()


@pytest.mark.gen_test(timeout=40)
async def test_every_channel_is_confirmed_anew_on_the_replica_when_the_master_dies(
    redis_sentinels: RedisSentinels, start: BrokerStarter
) -> None:
    broker, listener = await start(redis_sentinels.url)
    tickets = subscribe_all(broker, 20)
    await listener.until_up()

    redis_sentinels.master.kill()
    await listener.until_not_up()
    await listener.until(lambda: broker.is_link_up, within_seconds=30)

    assert listener.confirmed == tickets * 2
    await round_trip(broker, listener, b"again")
    assert b"user:0:events" in redis_sentinels.replica.execute("PUBSUB", "CHANNELS")


@pytest.mark.gen_test
async def test_link_leads_to_the_new_master_when_the_old_one_lives_on_unaware(
    lone_sentinel: RedisSentinels, redis_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(lone_sentinel.url, whereabouts_seconds=0.1)
    other, other_listener = await start(redis_server.url)
    other.subscribe("a")
    await other_listener.until_up()
    broker.subscribe("a")
    await listener.until_up()

    lone_sentinel.monitor(redis_server)

    await listener.until(lambda: broker.generation == 2)
    await listener.until_up()
    broker.publish("a", b"to the new master")
    await other_listener.until_message(("a", b"to the new master"))
    await listener.until_message(("a", b"to the new master"))


@pytest.mark.gen_test
@pytest.mark.expected_logs("is lost: no sentinel names a master|is lost: redis-py raises MasterNotFoundError")
async def test_link_stays_down_and_the_log_says_why_when_no_sentinel_knows_the_name(
    shared_redis_sentinel: RedisSentinels, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    broker, listener = await start(shared_redis_sentinel.url + "-of-others")

    await listener.until(lambda: "is lost" in caplog.text)

    assert broker.state is LinkState.DOWN


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "lone_sentinel", [({"requirepass": PASSWORD}, {"requirepass": SENTINEL_PASSWORD})], indirect=True, ids=["passwords"]
)
async def test_server_and_sentinel_may_want_passwords_of_their_own(
    lone_sentinel: RedisSentinels, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "realtime_app")
    place = lone_sentinel.url.partition("://")[2]
    credentials = f":{PASSWORD}@"
    options = f"?sentinel_password={SENTINEL_PASSWORD}"

    broker, listener = await start(f"redis+sentinel://{credentials}{place}{options}")

    await round_trip(broker, listener, b"there and back")
    assert f"the link to {lone_sentinel.url} is up" in caplog.messages
    assert "of-the" not in caplog.text


@pytest.mark.gen_test
async def test_link_comes_up_over_tls(start: BrokerStarter, tmp_path: Path) -> None:
    tls = tls_options(tmp_path)
    sentinels = RedisSentinels(tls=tls, sentinels=1, has_replica=False)
    try:
        sentinels.start()
        broker, listener = await start(f"rediss{sentinels.url[5:]}?ssl_ca_certs={tls['tls-cert-file']}")
        await round_trip(broker, listener, b"there and back")
    finally:
        sentinels.close()


def test_wrong_option_is_refused_without_being_quoted() -> None:
    with pytest.raises(ValueError, match=r"^not a valid redis://, rediss:// or unix:// URL$"):
        broker_from_url("redis+sentinel://host/planner?secret=1")

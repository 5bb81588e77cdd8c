"""Every kind of address that REDIS_URL may name, with a server behind it, and what of it reaches the log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_app.broker.base import LinkState
from realtime_app.broker.redis_address import RedisAddress
from tests.broker.conftest import BrokerStarter
from tests.servers.ports import free_port
from tests.servers.redis_server import RedisServer
from tests.servers.redis_tls import tls_options

PASSWORD = "p@ss:w/rd%20"
QUOTED_PASSWORD = "p%40ss%3Aw%2Frd%2520"

pytestmark = pytest.mark.allowed_logs("the link to .* is lost")


@pytest.fixture
def locked_server() -> Iterator[RedisServer]:
    """Wants a password, and knows the user `planner` besides, who may use just what a broker needs."""
    server = RedisServer({"requirepass": PASSWORD})
    server.start()
    server.execute(
        *("ACL", "SETUSER", "planner", "on", f">{PASSWORD}", "resetchannels", "&user:*", "&probe:*"),
        *("-@all", "+subscribe", "+unsubscribe", "+publish", "+ping"),
    )
    yield server
    server.close()


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[RedisServer]:
    """Speaks TLS alone on its port, with a certificate for 127.0.0.1 that it signed itself."""
    port = str(free_port())
    server = RedisServer({"port": "0", "tls-port": port, **tls_options(tmp_path)})
    server.port = int(port)
    server.start()
    yield server
    server.close()


async def assert_message_comes_back(start: BrokerStarter, url: str) -> None:
    broker, listener = await start(url)
    broker.subscribe("user:1:events")
    await listener.until_up()
    broker.publish("user:1:events", b"there and back")
    await listener.until_message(("user:1:events", b"there and back"))


def with_credentials(server: RedisServer, credentials: str) -> str:
    return f"redis://{credentials}@127.0.0.1:{server.port}"


@pytest.mark.redis
@pytest.mark.gen_test
async def test_link_comes_up_when_only_a_password_is_given(locked_server: RedisServer, start: BrokerStarter) -> None:
    await assert_message_comes_back(start, with_credentials(locked_server, f":{QUOTED_PASSWORD}"))


@pytest.mark.redis
@pytest.mark.gen_test
async def test_link_comes_up_when_the_user_may_do_just_what_is_needed(
    locked_server: RedisServer, start: BrokerStarter
) -> None:
    await assert_message_comes_back(start, with_credentials(locked_server, f"planner:{QUOTED_PASSWORD}"))


@pytest.mark.redis
@pytest.mark.gen_test
@pytest.mark.expected_logs("is lost: Redis answers WRONGPASS")
async def test_refusal_is_logged_without_secrets_and_the_link_comes_up_when_it_is_mended(
    locked_server: RedisServer, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broker, listener = await start(with_credentials(locked_server, "planner:not-this-one"))
    await listener.until(lambda: "WRONGPASS" in caplog.text)
    assert broker.state is LinkState.DOWN

    locked_server.execute("ACL", "SETUSER", "planner", ">not-this-one")

    await listener.until_up()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("realtime_app")]
    assert not [line for line in ours if "not-this-one" in line or "planner" in line]


@pytest.mark.redis
@pytest.mark.gen_test
@pytest.mark.expected_logs("is lost: Redis answers NOPERM")
async def test_link_stays_down_when_the_user_may_not_subscribe_a_channel(
    locked_server: RedisServer, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    broker, listener = await start(with_credentials(locked_server, f"planner:{QUOTED_PASSWORD}"))
    broker.subscribe("forbidden")

    await listener.until(lambda: "NOPERM" in caplog.text)

    assert listener.confirmed == []
    broker.unsubscribe("forbidden")
    await listener.until_up()


@pytest.mark.redis
@pytest.mark.gen_test
@pytest.mark.expected_logs("Redis refuses messages")
async def test_refused_message_is_counted_and_the_others_arrive(
    locked_server: RedisServer, start: BrokerStarter
) -> None:
    broker, listener = await start(with_credentials(locked_server, f"planner:{QUOTED_PASSWORD}"))
    broker.subscribe("user:1:events")
    await listener.until_up()

    for channel in ("forbidden", "user:1:events", "forbidden"):
        broker.publish(channel, b"")

    await listener.until_message(("user:1:events", b""))
    await listener.until(lambda: broker.stats.publish_failures == 2)
    assert broker.stats.published == 1
    assert listener.states == [LinkState.UP]


@pytest.mark.redis
@pytest.mark.gen_test
async def test_link_comes_up_over_a_unix_socket(start: BrokerStarter) -> None:
    server = RedisServer(on_unix_socket=True)
    server.start()
    try:
        await assert_message_comes_back(start, server.url)
    finally:
        server.close()


@pytest.mark.redis
@pytest.mark.gen_test
async def test_link_comes_up_over_tls_when_the_certificate_is_trusted(
    tls_server: RedisServer, start: BrokerStarter
) -> None:
    certificate = tls_server.options["tls-cert-file"]
    await assert_message_comes_back(start, f"rediss://127.0.0.1:{tls_server.port}?ssl_ca_certs={certificate}")


@pytest.mark.redis
@pytest.mark.gen_test
async def test_messages_arrive_whole_over_tls_when_many_come_at_once(
    tls_server: RedisServer, start: BrokerStarter
) -> None:
    certificate = tls_server.options["tls-cert-file"]
    broker, listener = await start(f"rediss://127.0.0.1:{tls_server.port}?ssl_ca_certs={certificate}")
    broker.subscribe("user:1:events")
    await listener.until_up()
    sent = [("user:1:events", b"%d" % n * 5_000) for n in range(50)]

    for message in sent:
        broker.publish(*message)

    await listener.until_message(sent[-1])
    assert listener.messages == sent


@pytest.mark.redis
@pytest.mark.gen_test
@pytest.mark.expected_logs("is lost: .*certificate verify failed")
async def test_link_stays_down_when_the_certificate_is_not_trusted(
    tls_server: RedisServer, start: BrokerStarter, caplog: pytest.LogCaptureFixture
) -> None:
    broker, listener = await start(f"rediss://127.0.0.1:{tls_server.port}")

    await listener.until(lambda: "certificate verify failed" in caplog.text)

    assert broker.state is LinkState.DOWN


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://planner:secret@redis.example:6380/3?password=secret", "redis://redis.example:6380"),
        ("rediss://:secret@redis.example", "rediss://redis.example:6379"),
        ("redis://", "redis://localhost:6379"),
        ("unix://planner@/run/redis.sock?password=secret&db=2", "unix:///run/redis.sock"),
    ],
)
def test_only_the_place_is_shown(url: str, shown: str) -> None:
    assert str(RedisAddress(url)) == shown


@pytest.mark.parametrize(
    ("url", "auth"),
    [
        ("redis://localhost", ()),
        ("redis://:secret@localhost", ("secret",)),
        ("redis://planner:secret@localhost", ("planner", "secret")),
        ("redis://planner@localhost", ("planner", "")),
        ("unix:///run/redis.sock?username=planner&password=secret", ("planner", "secret")),
    ],
)
def test_credentials_are_those_that_redis_py_would_use(url: str, auth: tuple[str, ...]) -> None:
    assert RedisAddress(url).auth == auth


@pytest.mark.parametrize(
    "url", ["", "http://secret@host", "redis://:sec/ret@host", "redis://host?secret=1", "redis://h?db=secret"]
)
def test_wrong_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not a valid redis://, rediss:// or unix:// URL$"):
        RedisAddress(url)

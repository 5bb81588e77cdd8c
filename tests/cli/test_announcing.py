"""What running processes hear of a command, and what becomes of a command that they can't hear."""

import pytest

from realtime_app.broker.factory import broker_from_url
from realtime_app.cli.announcing import announce
from realtime_app.core.channels import CONTROL
from realtime_app.core.control import CredentialsChanged, EpochChanged, parse_control
from tests.app import GivenSettings
from tests.broker.recording_listener import RecordingListener
from tests.servers.ports import free_port
from tests.servers.redis_server import RedisServer

SECRET = "a secret of more than thirty-two bytes"


def settings(url: str | None, prefix: str = "") -> GivenSettings:
    return GivenSettings(redis_url=url, redis_prefix=prefix, jwt_secret=SECRET)


@pytest.mark.redis
@pytest.mark.gen_test
@pytest.mark.parametrize("word", [CredentialsChanged("7"), EpochChanged()], ids=["credentials", "epoch"])
async def test_processes_on_the_same_redis_hear_the_word(
    shared_redis_server: RedisServer, word: CredentialsChanged | EpochChanged
) -> None:
    broker = broker_from_url(shared_redis_server.url, prefix="announced:")
    listener = RecordingListener(broker)
    broker.subscribe(CONTROL)
    await broker.start()
    await listener.until_up()

    assert await announce(settings(shared_redis_server.url, "announced:"), word)

    await listener.until(lambda: bool(listener.messages))
    (message,) = listener.messages
    assert message[0] == CONTROL
    assert parse_control(message[1]) == word
    await broker.close()


@pytest.mark.gen_test
@pytest.mark.allowed_logs("the link to .* is lost")
async def test_failure_is_told_when_redis_does_not_answer() -> None:
    assert not await announce(settings(f"redis://127.0.0.1:{free_port()}"), EpochChanged(), within_seconds=0.2)


@pytest.mark.gen_test
@pytest.mark.parametrize("url", [None, "memory://"])
async def test_nobody_has_to_be_told_without_redis(url: str | None) -> None:
    assert await announce(settings(url), EpochChanged())

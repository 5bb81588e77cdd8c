import hiredis
import pytest
from redis import exceptions

from realtime_app.broker.base import LinkState
from realtime_app.broker.redis_failure import describe, is_refusal, link_state_after


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TimeoutError(), LinkState.DEAF),
        (exceptions.TimeoutError("Timeout reading from socket"), LinkState.DEAF),
        (ConnectionRefusedError(), LinkState.DOWN),
        (exceptions.ConnectionError("Connection closed by server."), LinkState.DOWN),
        (hiredis.ReplyError("WRONGPASS invalid username-password pair"), LinkState.DOWN),
    ],
)
def test_link_is_deaf_only_when_an_answer_did_not_come_in_time(error: Exception, state: LinkState) -> None:
    assert link_state_after(error) is state


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ConnectionResetError("closed by Redis"), "closed by Redis"),
        (TimeoutError(), "no answer in time"),
        (hiredis.ReplyError("ERR unknown command 'AUTH', with args beginning with: 'secret'"), "Redis answers ERR"),
        (exceptions.ResponseError("unknown command 'AUTH' 'secret'"), "redis-py raises ResponseError"),
    ],
)
def test_description_names_the_failure_without_quoting_redis(error: Exception, text: str) -> None:
    assert describe(error) == text


def test_only_an_answer_of_redis_is_a_refusal() -> None:
    assert is_refusal(hiredis.ReplyError("NOAUTH Authentication required."))
    assert is_refusal(exceptions.AuthenticationError("invalid username-password pair"))
    assert not is_refusal(exceptions.ConnectionError("Connection closed by server."))
    assert not is_refusal(ConnectionRefusedError())

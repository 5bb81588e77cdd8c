"""The words of the control channel, and what is none."""

import pytest

from realtime_app.core.control import ControlWord, CredentialsChanged, EpochChanged, parse_control


@pytest.mark.parametrize("word", [CredentialsChanged("u1"), EpochChanged()])
def test_a_word_is_read_as_it_was_written(word: ControlWord) -> None:
    assert parse_control(word.encode()) == word


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff",
        b"[]",
        b'"epoch"',
        b"{}",
        b'{"type":"tomorrow"}',
        b'{"type":"credentials"}',
        b'{"type":"credentials","userId":7}',
        b'{"userId":"u1"}',
    ],
)
def test_a_word_of_another_version_is_passed_over(message: bytes) -> None:
    assert parse_control(message) is None

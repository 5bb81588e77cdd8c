"""Tokens say what was put into them, and nothing else passes for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from realtime_app.auth.tokens import MAX_TOKEN_BYTES, Claims
from realtime_app.errors import TokenExpired, TokenInvalid
from tests.auth.parts import LIFETIME, SECRET, token_codec
from tests.planner import START

OTHER_SECRET = "another secret of thirty-two bytes or more"
USER_ID, SESSION_ID = str(uuid4()), str(uuid4())
CLAIMS = Claims(USER_ID, SESSION_ID, START, START + LIFETIME)


def signed(*, secret: str = SECRET, algorithm: str = "HS256", without: str = "", **changes: Any) -> str:
    """A token of ours but for what a test changes."""
    issued_at = int(START.timestamp())
    claims: dict[str, Any] = {
        "userId": USER_ID,
        "sub": USER_ID,
        "sid": SESSION_ID,
        "iat": issued_at,
        "exp": issued_at + 3600,
    }
    claims |= changes
    claims.pop(without, None)
    return jwt.encode(claims, secret, algorithm=algorithm)


def test_a_token_says_what_was_put_into_it() -> None:
    codec = token_codec()
    assert codec.decode(codec.encode(CLAIMS), START) == CLAIMS


def test_a_token_carries_the_claims_that_other_programs_read() -> None:
    claims = jwt.decode(token_codec().encode(CLAIMS), SECRET, ["HS256"], options={"verify_exp": False})
    issued_at = int(START.timestamp())
    assert claims == {
        "userId": USER_ID,
        "sub": USER_ID,
        "sid": SESSION_ID,
        "iat": issued_at,
        "exp": issued_at + LIFETIME.total_seconds(),
    }


def test_a_token_expires_at_the_second_that_it_says() -> None:
    codec = token_codec()
    token = codec.encode(CLAIMS)
    codec.decode(token, CLAIMS.expires_at - timedelta(milliseconds=1))
    with pytest.raises(TokenExpired):
        codec.decode(token, CLAIMS.expires_at)


def test_a_token_issued_by_a_clock_ahead_of_ours_is_good() -> None:
    codec = token_codec()
    assert codec.decode(codec.encode(CLAIMS), START - timedelta(seconds=30)) == CLAIMS


def test_the_previous_secret_verifies_and_no_longer_signs() -> None:
    before, after = token_codec(OTHER_SECRET), token_codec(SECRET, previous=OTHER_SECRET)
    assert after.decode(before.encode(CLAIMS), START) == CLAIMS
    with pytest.raises(TokenInvalid):
        before.decode(after.encode(CLAIMS), START)


@pytest.mark.parametrize("claim", ["userId", "sub", "sid", "iat", "exp"])
def test_a_token_is_refused_when_a_claim_is_missing(claim: str) -> None:
    with pytest.raises(TokenInvalid):
        token_codec().decode(signed(without=claim), START)


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "3f8c2a60-1b7d-4e0a-9c55-6d2e8f4b7a10"},
        {"sid": "1"},
        {"sid": 1},
        {"userId": "admin", "sub": "admin"},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"exp": float("nan")},
        {"exp": None},
        {"iat": "today"},
    ],
    ids=repr,
)
def test_a_token_is_refused_when_a_claim_is_not_what_we_write(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        token_codec().decode(signed(**changes), START)


def test_a_token_is_refused_when_somebody_else_signed_it() -> None:
    with pytest.raises(TokenInvalid):
        token_codec().decode(signed(secret=OTHER_SECRET), START)


def test_a_token_is_refused_when_it_names_another_algorithm() -> None:
    long_secret = SECRET * 2
    with pytest.raises(TokenInvalid):
        token_codec(long_secret).decode(signed(secret=long_secret, algorithm="HS512"), START)


def test_a_token_is_refused_when_it_is_not_signed() -> None:
    with pytest.raises(TokenInvalid):
        token_codec().decode(signed(secret="", algorithm="none"), START)


@pytest.mark.parametrize("text", ["", "null", "a.b", "a.b.c", "é.é.é", "\ud800.b.c", "os_" + "0" * 32])
def test_text_that_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenInvalid):
        token_codec().decode(text, START)


def test_a_token_is_refused_unread_when_it_is_longer_than_4_kib() -> None:
    codec = token_codec()
    padding = "x" * MAX_TOKEN_BYTES
    with pytest.raises(TokenInvalid, match="too long"):
        codec.decode(signed(padding=padding), START)
    assert codec.decode(signed(padding=padding[: MAX_TOKEN_BYTES // 2]), START).user_id == USER_ID


@pytest.mark.parametrize(("secret", "previous"), [("short", None), (SECRET, "short")])
def test_a_short_secret_is_refused(secret: str, previous: str | None) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        token_codec(secret, previous)

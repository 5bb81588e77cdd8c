"""A remembered token says what it said when it was verified, until it expires."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from realtime_app.auth.tokens import Claims, TokenCodec
from realtime_app.auth.verified_tokens import VerifiedTokens
from realtime_app.errors import TokenExpired, TokenInvalid
from tests.auth.parts import LIFETIME, token_codec
from tests.planner import START


class CountingCodec(TokenCodec):
    verified = 0

    def decode(self, token, now):
        self.verified += 1
        return super().decode(token, now)


@pytest.fixture
def codec() -> CountingCodec:
    return CountingCodec("a secret of at least thirty-two bytes", None, LIFETIME)


def new_claims() -> Claims:
    return Claims(str(uuid4()), str(uuid4()), START, START + LIFETIME)


def test_a_token_is_verified_once(codec: CountingCodec) -> None:
    tokens, claims = VerifiedTokens(codec), new_claims()
    token = codec.encode(claims)

    assert [tokens.read(token, START) for _ in range(3)] == [claims] * 3
    assert codec.verified == 1


def test_a_remembered_token_expires_at_its_second(codec: CountingCodec) -> None:
    tokens, claims = VerifiedTokens(codec), new_claims()
    token = codec.encode(claims)
    tokens.read(token, claims.expires_at - timedelta(milliseconds=1))

    for _ in range(2):
        with pytest.raises(TokenExpired):
            tokens.read(token, claims.expires_at)
    assert len(tokens) == 0


@pytest.mark.parametrize("change", ["signature", "payload"])
def test_a_token_that_differs_from_a_remembered_one_is_verified_by_itself(codec: CountingCodec, change: str) -> None:
    tokens = VerifiedTokens(codec)
    token, other = codec.encode(new_claims()), codec.encode(new_claims())
    tokens.read(token, START)
    head, payload, signature = token.split(".")
    forged = (
        f"{head}.{payload}.{other.split('.')[2]}"
        if change == "signature"
        else f"{head}.{other.split('.')[1]}.{signature}"
    )

    with pytest.raises(TokenInvalid):
        tokens.read(forged, START)


@pytest.mark.parametrize("nonsense", ["", "no token", "\udc80", "a.b.c"])
def test_what_is_no_token_is_refused_and_not_remembered(nonsense: str) -> None:
    tokens = VerifiedTokens(token_codec())
    with pytest.raises(TokenInvalid):
        tokens.read(nonsense, START)
    assert len(tokens) == 0


def test_the_oldest_token_is_forgotten_when_there_are_too_many(codec: CountingCodec) -> None:
    tokens = VerifiedTokens(codec, max_tokens=2)
    first, second, third = (codec.encode(new_claims()) for _ in range(3))
    for token in (first, second, third, second, third):
        tokens.read(token, START)
    assert (len(tokens), codec.verified) == (2, 3)

    tokens.read(first, START)

    assert (len(tokens), codec.verified) == (2, 4)

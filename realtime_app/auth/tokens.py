"""JSON Web Tokens of login sessions: made and checked. Whether the session still stands is identity's question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from realtime_app.errors import TokenExpired, TokenInvalid

ALGORITHM = "HS256"
MAX_TOKEN_BYTES = 4096
"""A longer token is refused unread; one of ours has about 350 bytes."""

_REQUIRED_CLAIMS = ["userId", "sub", "sid", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose it is, of which session, and until when it counts."""

    user_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime


class TokenCodec:
    """`secret` signs and verifies, `previous` only verifies: tokens outlive a change of the secret.

    Raises ValueError for a secret shorter than the 32 bytes that HS256 asks for.
    """

    def __init__(self, secret: str, previous: str | None, lifetime: timedelta) -> None:
        self.lifetime = lifetime
        self._secrets = [secret, previous] if previous else [secret]
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})
        for candidate in self._secrets:
            self._check_length(candidate)

    def encode(self, claims: Claims) -> str:
        """The times are cut to whole seconds, as the format has it."""
        payload = {
            "userId": claims.user_id,
            "sub": claims.user_id,
            "sid": claims.session_id,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        return self._jwt.encode(payload, self._secrets[0], algorithm=ALGORITHM)

    def decode(self, token: str, now: datetime) -> Claims:
        """Raises TokenInvalid, or TokenExpired for a token that was good until `exp`."""
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenInvalid("This login token is too long to be one")
        claims = _claims(self._payload(token))
        if claims.expires_at <= now:
            raise TokenExpired
        return claims

    def _payload(self, token: str) -> dict[str, Any]:
        # `exp` is checked by the caller's clock; `iat` not at all, since the clocks of two processes differ.
        options: Any = {"require": _REQUIRED_CLAIMS, "verify_exp": False, "verify_iat": False}
        for secret in self._secrets:
            try:
                return self._jwt.decode(token, secret, algorithms=[ALGORITHM], options=options)
            except jwt.InvalidSignatureError:
                continue
            except (jwt.PyJWTError, UnicodeError):
                raise TokenInvalid from None
        raise TokenInvalid

    def _check_length(self, secret: str) -> None:
        try:
            self._jwt.encode({}, secret, algorithm=ALGORITHM)
        except jwt.InvalidKeyError as error:
            raise ValueError(f"the JWT secret is unfit: {error}") from None


def _claims(payload: dict[str, Any]) -> Claims:
    try:
        claims = Claims(
            str(UUID(payload["userId"])),
            str(UUID(payload["sid"])),
            datetime.fromtimestamp(payload["iat"], UTC),
            datetime.fromtimestamp(payload["exp"], UTC),
        )
    except (ValueError, TypeError, AttributeError, OverflowError, OSError):
        raise TokenInvalid from None
    if payload["sub"] != payload["userId"]:
        raise TokenInvalid
    return claims

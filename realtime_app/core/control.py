"""The words of the control channel. They only say "read this again": what they are about, the database decides."""

from __future__ import annotations

from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class CredentialsChanged:
    """Some session or key of this user has ended or changed."""

    user_id: str

    def encode(self) -> bytes:
        return orjson.dumps({"type": "credentials", "userId": self.user_id})


@dataclass(frozen=True, slots=True)
class EpochChanged:
    """The event log has a new incarnation."""

    def encode(self) -> bytes:
        return orjson.dumps({"type": "epoch"})


ControlWord = CredentialsChanged | EpochChanged


def parse_control(message: bytes) -> ControlWord | None:
    """None for what isn't understood: it is for a newer version."""
    try:
        word = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(word, dict):
        return None
    user_id = word.get("userId")
    if word.get("type") == "credentials" and isinstance(user_id, str):
        return CredentialsChanged(user_id)
    return EpochChanged() if word.get("type") == "epoch" else None

"""The two kinds of pub/sub that Redis has: the plain one, and the sharded one of Redis Cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PubSubWords:
    """Commands, and the first words of what a subscriber is sent."""

    subscribe: bytes
    unsubscribe: bytes
    publish: str
    message: bytes
    subscribed: bytes
    unsubscribed: bytes
    names_per_command: int


PLAIN = PubSubWords(b"SUBSCRIBE", b"UNSUBSCRIBE", "PUBLISH", b"message", b"subscribe", b"unsubscribe", 500)

SHARDED = PubSubWords(b"SSUBSCRIBE", b"SUNSUBSCRIBE", "SPUBLISH", b"smessage", b"ssubscribe", b"sunsubscribe", 1)
"""All channels of one command must be of one slot: so one is named in each."""

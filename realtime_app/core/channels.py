"""The names of the channels that link the processes."""

from __future__ import annotations

CONTROL = "control"
"""What every process hears: "read this again". It commands nothing by itself."""

_PREFIX = "user:"
_SUFFIX = ":events"


def user_channel(user_id: str) -> str:
    return f"{_PREFIX}{user_id}{_SUFFIX}"


def channel_user(channel: str) -> str:
    """The user whose events travel on this channel."""
    return channel[len(_PREFIX) : -len(_SUFFIX)]

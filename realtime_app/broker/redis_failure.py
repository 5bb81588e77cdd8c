"""Tells what a failed connection to Redis means, in words that are fit for the log."""

from __future__ import annotations

import hiredis
from redis import exceptions

from realtime_app.broker.base import LinkState

REFUSALS = (hiredis.ReplyError, exceptions.ResponseError, exceptions.AuthenticationError)


def link_state_after(error: Exception) -> LinkState:
    is_hung = isinstance(error, TimeoutError | exceptions.TimeoutError)
    return LinkState.DEAF if is_hung else LinkState.DOWN


def is_refusal(error: Exception) -> bool:
    """True when Redis answered, but with an error: somebody has to mend a password or an ACL."""
    return isinstance(error, REFUSALS)


def describe(error: Exception) -> str:
    """Name the failure. Of Redis's own errors only the code: their texts may quote users, channels and arguments."""
    if isinstance(error, hiredis.ReplyError):
        return f"Redis answers {str(error).partition(' ')[0]}"
    if isinstance(error, exceptions.RedisError):
        return f"redis-py raises {type(error).__name__}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or ("no answer in time" if isinstance(error, TimeoutError) else type(error).__name__)


def moved_slot(error: hiredis.ReplyError) -> int | None:
    """The slot of `MOVED 3999 host:port`, by which a cluster's node refuses what it doesn't have; else None."""
    word, _, rest = str(error).partition(" ")
    return int(rest.partition(" ")[0]) if word == "MOVED" else None

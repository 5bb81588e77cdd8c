"""What an API key may do, and which events it may hear of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    TIME_BLOCKS_READ = "time-blocks:read"
    TIME_BLOCKS_WRITE = "time-blocks:write"
    USER_READ = "user:read"
    USER_WRITE = "user:write"


ALL_SCOPES = frozenset(Scope)

FAMILY_SCOPES = {
    "task": Scope.TASKS_READ,
    "timeblock": Scope.TIME_BLOCKS_READ,
    "user": Scope.USER_READ,
}
"""The read scope that each event family (the part of the type before the colon) takes."""


def readable_families(scopes: Iterable[str]) -> frozenset[str]:
    """The event families that these scopes allow to be heard."""
    held = frozenset(scopes)
    return frozenset(family for family, scope in FAMILY_SCOPES.items() if scope in held)

"""The order of a list whose members carry a position: which order is asked for, and where the end is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_POSITION = 2**31 - 1


def put_first(leading: Iterable[str], present: Sequence[str]) -> list[str]:
    """The `leading` ids in their order, then the others of `present` in theirs. `leading` may name ids not present."""
    first = list(leading)
    taken = set(first)
    return first + [member for member in present if member not in taken]


def put_last(trailing: str, present: Sequence[str]) -> list[str]:
    """`present` in its order, with `trailing` moved to the end."""
    return [member for member in present if member != trailing] + [trailing]

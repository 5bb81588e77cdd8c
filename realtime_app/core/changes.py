"""What changed between two states of one resource, in the wire's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FOLLOW_FROM_ANY_CHANGE = frozenset({"version", "updatedAt"})


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names whose values differ, in the order of `after`; version and updatedAt go without saying."""
    return [name for name in after if name not in _FOLLOW_FROM_ANY_CHANGE and before[name] != after[name]]

"""How far somebody has followed a user's event log."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """`position` is the last event id seen, `epoch` the log's incarnation that it belongs to."""

    position: int
    epoch: str

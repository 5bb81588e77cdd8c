"""Durations as people write them in settings: `30s`, `15m`, `12h`, `7d`; a bare number is seconds."""

from __future__ import annotations

import re

_SECONDS_OF_UNIT = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhdw]?)", re.ASCII)


def parse_duration(text: str) -> float:
    """The duration in seconds. Raises ValueError for anything else than one number and at most one unit."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError("must be a duration like 30s, 15m, 12h or 7d")
    return float(match[1]) * _SECONDS_OF_UNIT[match[2]]


def format_duration(seconds: float) -> str:
    """The shortest text that `parse_duration` reads as this: `7d`, `90s`, `0.5s`."""
    for unit in "dhm":
        if seconds and seconds % _SECONDS_OF_UNIT[unit] == 0:
            return f"{seconds / _SECONDS_OF_UNIT[unit]:g}{unit}"
    return f"{seconds:g}s"

"""Texts as they are stored and looked for, so that every database finds the same whatever it knows of case."""

from __future__ import annotations

_SEPARATOR = "\x1f"


def search_text(title: str, notes: str | None) -> str:
    """What a task is searched by."""
    return f"{title}{_SEPARATOR}{notes or ''}".casefold()

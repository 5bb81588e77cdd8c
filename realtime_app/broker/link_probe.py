"""Decides whether what is published still comes back. Sends nothing itself, and reads no clock."""

from __future__ import annotations


class LinkProbe:
    """Numbered probes that are out; all times are running time."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._number = 0
        self._sent_at: dict[bytes, float] = {}

    def next(self, now: float) -> bytes:
        """Count a new probe as sent; return what to publish."""
        self._number += 1
        payload = b"%d" % self._number
        self._sent_at[payload] = now
        return payload

    def returned(self, payload: bytes) -> bool:
        """False when this probe isn't out: forgotten by now, or not one of ours."""
        if payload not in self._sent_at:
            return False
        for sent in list(self._sent_at):
            del self._sent_at[sent]
            if sent == payload:
                break
        return True

    def is_deaf(self, now: float) -> bool:
        """True when the oldest probe has been out for too long."""
        return any(now - sent_at >= self._timeout_seconds for sent_at in self._sent_at.values())

    def forget(self) -> int:
        """Wait for none of the probes any more; return how many were out."""
        lost = len(self._sent_at)
        self._sent_at.clear()
        return lost

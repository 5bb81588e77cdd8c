"""Somebody who uses the planner: an account and the token of a login."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    user_id: str
    token: str

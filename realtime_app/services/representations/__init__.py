"""Where a row becomes JSON: one module for each resource, and no other place."""

from __future__ import annotations

from typing import Any

JsonObject = dict[str, Any]
"""One resource in the wire's shape."""

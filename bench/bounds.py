"""Holds figures to the committed bounds of bounds.json: ratios and counts, which a slower machine doesn't change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson

from bench.figures import Figure

BOUNDS_FILE = Path(__file__).with_name("bounds.json")


def broken(figures: Iterable[Figure]) -> list[str]:
    """A line for each figure that is above its bound, and for each bound without a figure."""
    bounds: dict[str, float] = orjson.loads(BOUNDS_FILE.read_bytes())
    values = {figure.name: figure for figure in figures}
    lines = [f"{name}: was not measured" for name in bounds if name not in values]
    for name, bound in bounds.items():
        if name in values and values[name].value > bound:
            lines.append(f"{name}: {values[name].value:.3g} {values[name].unit}, above the bound of {bound:g}")
    return lines

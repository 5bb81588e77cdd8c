"""Figures with their names and units, the conditions they were taken under, and the table of both."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import sqlalchemy
import tornado

PERCENTILES = (50, 99)


@dataclass(frozen=True)
class Figure:
    """`name` is what bounds.json calls it."""

    name: str
    value: float
    unit: str
    remark: str = ""

    def __str__(self) -> str:
        digits = 0 if self.value >= 1000 else 1 if self.value >= 100 else 2 if self.value >= 1 else 3
        return f"{self.name:<44} {self.value:>12,.{digits}f} {self.unit:<16} {self.remark}".rstrip()


def middle(name: str, values: Sequence[float], unit: str, remark: str = "") -> Figure:
    """The median of several runs, with the runs beside it."""
    runs = " ".join(f"{value:.3g}" for value in values)
    return Figure(name, median(values), unit, f"{remark} [{runs}]".strip())


def percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def conditions() -> list[str]:
    """What the figures depend on besides the program."""
    model = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "?")
    return [
        f"processor   {model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start",
        f"system      {platform.system()} {platform.release()}, Python {platform.python_version()}",
        f"libraries   tornado {tornado.version}, SQLAlchemy {sqlalchemy.__version__}",
        "placed      servers on the first core, clients, Redis and PostgreSQL (fsync off) on the others",
    ]


def table(figures: Iterable[Figure]) -> str:
    return "\n".join(str(figure) for figure in figures)


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()

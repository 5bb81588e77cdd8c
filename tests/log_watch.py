"""Watches the log of one test: what it declared must come, and nothing else of level WARNING or above may."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class LogWatch(logging.Handler):
    """Collects the warnings and errors that reach the root logger.

    A test declares records with `@pytest.mark.expected_logs("pattern", …)` (each must be met) and
    `@pytest.mark.allowed_logs("pattern", …)`; a pattern is searched for in `logger name: message`.
    """

    def __init__(self, expected: list[str], allowed: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._expected = expected
        self._allowed = allowed
        self._lines: list[str] = []

    @classmethod
    def of(cls, test: pytest.Item) -> "LogWatch":
        return cls(_patterns(test, "expected_logs"), _patterns(test, "allowed_logs"))

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[0]:
            line += f" [{record.exc_info[0].__name__}: {record.exc_info[1]}]"
        self._lines.append(line)

    @contextmanager
    def attached(self) -> Iterator[None]:
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

    def complaint(self) -> str:
        """What is wrong with the log so far, empty when nothing is."""
        declared = self._expected + self._allowed
        unexpected = [line for line in self._lines if not _matches_any(declared, line)]
        missing = [pattern for pattern in self._expected if not any(re.search(pattern, line) for line in self._lines)]
        return "\n".join(
            [f"unexpected log record: {line}" for line in unexpected]
            + [f"expected log record never came: {pattern}" for pattern in missing]
        )


def _matches_any(patterns: list[str], line: str) -> bool:
    return any(re.search(pattern, line) for pattern in patterns)


def _patterns(test: pytest.Item, marker: str) -> list[str]:
    return [pattern for mark in test.iter_markers(marker) for pattern in mark.args]

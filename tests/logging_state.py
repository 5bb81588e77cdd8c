"""Puts back what `configure_logs` sets for the whole process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from realtime_app.logs import OWN_LOGGERS


@contextmanager
def logging_kept() -> Iterator[None]:
    """Within it the root logger has no handler but the program's own: the watch over the log sees no lines."""
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, OWN_LOGGERS)]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    root.handlers = []
    try:
        yield
    finally:
        logging.captureWarnings(False)
        for logger, level, handlers in before:
            logger.setLevel(level)
            logger.handlers = handlers

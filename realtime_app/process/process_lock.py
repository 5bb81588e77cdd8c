"""One process at a time on one database, where nothing would carry events to a second one."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process serves this database."""


class ProcessLock:
    """A lock on a file, which ends with the process however that ends; the file itself stays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    async def start(self) -> None:
        """Raises AlreadyRunning."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise AlreadyRunning(
                f"another process serves this database ({self._path} is locked); "
                "stop it, or set REDIS_URL to a Redis that both can reach"
            ) from None
        self._descriptor = descriptor

    async def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

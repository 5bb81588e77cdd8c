"""Restarts the processes of a group one after the other, so that the others serve all the time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from realtime_app.supervision.supervisor import OrderFailed, Process, Supervisor

_PROBE_TIMEOUT_SECONDS = 5.0
_PROBE_INTERVAL_SECONDS = 0.1
_READY = 200


class RestartStopped(Exception):
    """A process did not come back or can't be spared, so that the rest was left as it is."""


class RollingRestart:
    """`pause_seconds` after each process give the clients that it sent away time to be back before the next ones go."""

    def __init__(
        self, supervisor: Supervisor, *, ready_seconds: float, pause_seconds: float, tell: Callable[[str], None]
    ) -> None:
        self._supervisor = supervisor
        self._ready_seconds = ready_seconds
        self._pause_seconds = pause_seconds
        self._tell = tell

    def run(self, group: str) -> int:
        """Gives the number of processes. Raises RestartStopped, SupervisorUnreachable, AddressMissing."""
        # Whoever isn't ready comes first: nothing is taken away before it is back.
        names = [process.name for process in sorted(self._supervisor.processes(group), key=_is_ready)]
        with self._alone(group):
            for number, name in enumerate(names):
                if number:
                    time.sleep(self._pause_seconds)
                self._restart(self._spared(name, group))
        return len(names)

    @contextmanager
    def _alone(self, group: str) -> Iterator[None]:
        """Two at once would take two processes away."""
        path = f"{self._supervisor.socket_path}.{group}.lock"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise RestartStopped(f"the lock {path} can't be taken: {error.strerror}") from None
        try:
            _lock(descriptor, group)
            yield
        finally:
            os.close(descriptor)

    def _spared(self, name: str, group: str) -> Process:
        """As it is by now. Raises RestartStopped when it serves and would be missed."""
        processes = {process.name: process for process in self._supervisor.processes(group)}
        process = processes.pop(name)
        if _is_ready(process) and (unready := [other for other in processes.values() if not _is_ready(other)]):
            raise RestartStopped(f"{name} was left as it is: {unready[0].name} is not ready to take its place")
        return process

    def _restart(self, process: Process) -> None:
        begun = time.monotonic()
        try:
            if process.is_started:
                self._supervisor.stop(process)
            stopped = time.monotonic()
            self._supervisor.start(process)
        except OrderFailed as error:
            raise RestartStopped(f"{process.name} did not come back: {error}") from None
        self._wait_until_ready(process)
        ready = time.monotonic()
        self._tell(f"{process.name} stopped in {stopped - begun:.1f} s, ready again {ready - stopped:.1f} s later")

    def _wait_until_ready(self, process: Process) -> None:
        pid = self._supervisor.pid_of(process)
        deadline = time.monotonic() + self._ready_seconds
        while (status := _readiness(process)) != _READY:
            if self._supervisor.pid_of(process) != pid:
                raise RestartStopped(f"{process.name} did not come back: it ended soon after its start")
            if time.monotonic() > deadline:
                said = "did not answer" if status is None else f"answered {status}"
                waited = f"after {self._ready_seconds:g} s /readyz at {process.address} {said}"
                raise RestartStopped(f"{process.name} did not come back: {waited}")
            time.sleep(_PROBE_INTERVAL_SECONDS)


def _readiness(process: Process) -> int | None:
    return process.address.status_of("/readyz", _PROBE_TIMEOUT_SECONDS)


def _is_ready(process: Process) -> bool:
    return _readiness(process) == _READY


def _lock(descriptor: int, group: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RestartStopped(f"another rolling restart of {group} is under way") from None

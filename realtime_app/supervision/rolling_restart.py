"""Restarts the processes of a group one after the other, so that the others serve all the time."""

from __future__ import annotations

import time
from collections.abc import Callable

from realtime_app.supervision.supervisor import OrderFailed, Process, Supervisor

_PROBE_TIMEOUT_SECONDS = 5.0
_PROBE_INTERVAL_SECONDS = 0.1
_READY = 200


class RestartStopped(Exception):
    """A process did not come back, so that the rest was left as it is."""


class RollingRestart:
    """`pause_seconds` after each process give the proxy time to notice that it is back: see fail_timeout in nginx."""

    def __init__(
        self, supervisor: Supervisor, *, ready_seconds: float, pause_seconds: float, tell: Callable[[str], None]
    ) -> None:
        self._supervisor = supervisor
        self._ready_seconds = ready_seconds
        self._pause_seconds = pause_seconds
        self._tell = tell

    def run(self, group: str) -> int:
        """Gives the number of processes. Raises RestartStopped, SupervisorUnreachable, AddressMissing."""
        processes = self._supervisor.processes(group)
        # Whoever isn't running comes first: nothing is taken away before it is back.
        for number, process in enumerate(sorted(processes, key=lambda process: process.is_running)):
            if number:
                time.sleep(self._pause_seconds)
            self._restart(process)
        return len(processes)

    def _restart(self, process: Process) -> None:
        begun = time.monotonic()
        try:
            if process.is_running:
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
        while (status := process.address.status_of("/readyz", _PROBE_TIMEOUT_SECONDS)) != _READY:
            if self._supervisor.pid_of(process) != pid:
                raise RestartStopped(f"{process.name} did not come back: it ended soon after its start")
            if time.monotonic() > deadline:
                said = "did not answer" if status is None else f"answered {status}"
                waited = f"after {self._ready_seconds:g} s /readyz at {process.address} {said}"
                raise RestartStopped(f"{process.name} did not come back: {waited}")
            time.sleep(_PROBE_INTERVAL_SECONDS)

"""Finds processes that run but don't answer any more, and has them started anew."""

from __future__ import annotations

import logging

from realtime_app.logs import with_fields
from realtime_app.supervision.supervisor import OrderFailed, Process, Supervisor

log = logging.getLogger(__name__)


START_SECONDS = 60.0
"""A process that has never answered may take this long until its silence counts."""


class HungProcesses:
    """A process that misses `most_misses` checks in a row is killed: what doesn't answer doesn't drain either.

    At most one in a check: of several that hang, as on a machine that ran out of memory, the others may yet come round.
    All is kept by pid: a process that was started anew begins anew.
    """

    def __init__(self, supervisor: Supervisor, group: str, *, timeout_seconds: float, most_misses: int) -> None:
        self._supervisor = supervisor
        self._group = group
        self._timeout_seconds = timeout_seconds
        self._most_misses = most_misses
        self._misses: dict[int, int] = {}

    def check(self) -> None:
        """Asks every running process for /healthz, one after the other. Raises SupervisorUnreachable."""
        running = [process for process in self._supervisor.processes(self._group) if process.is_running]
        counts = {process.pid: self._misses_of(process) for process in running}
        self._misses = {pid: count for pid, count in counts.items() if count is not None}
        silent = [process for process in running if self._misses.get(process.pid)]
        for process in silent:
            fields = with_fields(process=process.pid, misses=self._misses[process.pid], address=process.address)
            log.warning("%s does not answer", process.name, extra=fields)
        if silent:
            self._judge(max(silent, key=lambda process: self._misses[process.pid]))

    def _misses_of(self, process: Process) -> int | None:
        """In a row; None while it is still starting."""
        # Any answer will do: whether it is good enough for traffic is the question of /readyz.
        if process.address.status_of("/healthz", self._timeout_seconds) is not None:
            return 0
        if process.pid not in self._misses and process.uptime_seconds < START_SECONDS:
            return None
        return self._misses.get(process.pid, 0) + 1

    def _judge(self, process: Process) -> None:
        if self._misses[process.pid] >= self._most_misses:
            self._kill(process)

    def _kill(self, process: Process) -> None:
        try:
            self._supervisor.kill(process)
        except OrderFailed as error:
            log.warning("%s could not be killed: %s", process.name, error)
        else:
            log.error("%s was killed, to be started anew", process.name)

"""Finds processes that run but don't answer any more, and has them started anew."""

from __future__ import annotations

import logging
from collections import Counter

from realtime_app.logs import with_fields
from realtime_app.supervision.supervisor import OrderFailed, Process, Supervisor

log = logging.getLogger(__name__)


class HungProcesses:
    """A process that misses `most_misses` checks in a row is killed: what doesn't answer doesn't drain either.

    Misses are counted for a pid: a process that was started meanwhile begins anew.
    """

    def __init__(self, supervisor: Supervisor, group: str, *, timeout_seconds: float, most_misses: int) -> None:
        self._supervisor = supervisor
        self._group = group
        self._timeout_seconds = timeout_seconds
        self._most_misses = most_misses
        self._misses: Counter[int] = Counter()

    def check(self) -> None:
        """Asks every running process for /healthz, one after the other. Raises SupervisorUnreachable."""
        running = [process for process in self._supervisor.processes(self._group) if process.is_running]
        silent = [process for process in running if not self._answers(process)]
        self._misses = Counter({process.pid: self._misses[process.pid] + 1 for process in silent})
        for process in silent:
            self._judge(process)

    def _answers(self, process: Process) -> bool:
        # Any answer will do: whether it is good enough for traffic is the question of /readyz.
        return process.address.status_of("/healthz", self._timeout_seconds) is not None

    def _judge(self, process: Process) -> None:
        misses = self._misses[process.pid]
        log.warning(
            "%s does not answer",
            process.name,
            extra=with_fields(process=process.pid, misses=misses, at=process.address),
        )
        if misses >= self._most_misses:
            self._kill(process)

    def _kill(self, process: Process) -> None:
        try:
            self._supervisor.kill(process)
        except OrderFailed as error:
            log.warning("%s could not be killed: %s", process.name, error)
        else:
            log.error("%s was killed, to be started anew", process.name)

"""The cluster from its start to its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import files
import postgres
import processes
from layout import ClusterFailed, Layout
from programs import PROGRAM, run
from waiting import wait

from realtime_app.supervision.supervisor import RUNNING, Supervisor, SupervisorUnreachable

START_SECONDS = 60.0
RUN_SECONDS = 10.0
STOP_SECONDS = 150.0
GROUP = "realtime_app"


class Cluster:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.url = f"https://localhost:{layout.choices.https_port}"
        self.supervisor_url = f"unix://{layout.path('/run/realtime-app/supervisor.sock')}"
        self._configuration = str(layout.path("/etc/supervisor/supervisord.conf"))

    @property
    def _nginx_pid_file(self) -> Path:
        """It is there when nginx listens."""
        return self.layout.path("/run/nginx.pid")

    @property
    def supervisorctl(self) -> str:
        return f"supervisorctl -c {self._configuration}"

    @property
    def is_running(self) -> bool:
        try:
            Supervisor(self.supervisor_url).processes(GROUP)
        except SupervisorUnreachable:
            return False
        return True

    def start(self, drain_seconds: float) -> None:
        """Returns when all processes are ready. Raises ClusterFailed; then nothing is left running."""
        files.write_all(self.layout, drain_seconds)
        postgres.make_files(self.layout)
        self.check_nginx()
        self._nginx_pid_file.unlink(missing_ok=True)
        run("supervisord", "-c", self._configuration)
        try:
            self._bring_up()
            self.check_all_run()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> list[int]:
        """Gives the ids of processes that had lost their supervisord, and were ended one by one."""
        if self.is_running:
            supervisord = int(run(*self.supervisorctl.split(), "pid"))
            run(*self.supervisorctl.split(), "shutdown")
            with suppress(ClusterFailed):
                wait("it to end", STOP_SECONDS, lambda: not processes.command_of(supervisord))
        left = processes.of(self.layout)
        processes.end(left)
        return left

    def check_all_run(self) -> None:
        """Raises ClusterFailed, which names those that don't: the planner's own processes hide that Redis is away."""
        with suppress(ClusterFailed):
            wait("all to run", RUN_SECONDS, lambda: not self._idle())
        if idle := self._idle():
            raise ClusterFailed(f"not running: {', '.join(idle)}; see {self.layout.path('/var/log')}")

    def check_nginx(self) -> str:
        """`nginx -t` on the configuration as it was moved. Raises ClusterFailed with what nginx says."""
        return run("nginx", "-t", "-c", str(self.layout.path("/etc/nginx/nginx.conf")))

    def _bring_up(self) -> None:
        wait("PostgreSQL", START_SECONDS, lambda: _succeeds(lambda: postgres.answers(self.layout)))
        postgres.make_database(self.layout)
        run(*PROGRAM, "migrate", folder=self.layout.settings_folder)
        run(*self.supervisorctl.split(), "start", f"{GROUP}:*")
        wait("the processes to be ready", START_SECONDS, self._all_are_ready)
        wait(
            f"nginx to listen; is port {self.layout.choices.https_port} taken?",
            START_SECONDS,
            self._nginx_pid_file.exists,
        )

    def _idle(self) -> list[str]:
        return [name for name, state in Supervisor(self.supervisor_url).states().items() if state != RUNNING]

    def _all_are_ready(self) -> bool:
        group = Supervisor(self.supervisor_url).processes(GROUP)
        return all(process.address.status_of("/readyz", 5.0) == 200 for process in group)


def _succeeds(action: Callable[[], None]) -> bool:
    try:
        action()
    except ClusterFailed:
        return False
    return True

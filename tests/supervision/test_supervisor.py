"""A real supervisord with two small programs."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_app.supervision.hung_processes import HungProcesses
from realtime_app.supervision.rolling_restart import RestartStopped, RollingRestart
from realtime_app.supervision.supervisor import OrderFailed, Supervisor, SupervisorUnreachable
from tests.servers.process import POLL_SECONDS, ServerProcess, find_program

pytestmark = pytest.mark.system

# Generous: a silent program closes the connection at once.
ANSWER_SECONDS = 20.0
GONE_SECONDS = 10.0

# Answers every GET with 200, and with 503 while the file `unready-<pid>` exists; says nothing while `silent` exists,
# and ends at its start while `failing` exists.
PROGRAM = """
import os, pathlib, socketserver, sys
if pathlib.Path("failing").exists():
    sys.exit(1)
class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        status = "503 No" if pathlib.Path(f"unready-{os.getpid()}").exists() else "200 OK"
        if not pathlib.Path("silent").exists():
            self.wfile.write(f"HTTP/1.1 {status}\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())
path = pathlib.Path(sys.argv[2])
path.unlink(missing_ok=True)
socketserver.UnixStreamServer(str(path), Answer).serve_forever()
"""
CONFIGURATION = """
[unix_http_server]
file={folder}/supervisor.sock
[supervisord]
nodaemon=true
directory={folder}
logfile=/dev/null
logfile_maxbytes=0
pidfile={folder}/supervisord.pid
childlogdir={folder}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:planner]
command={python} {folder}/program.py --unix-socket {folder}/%(process_num)d.sock
process_name=%(process_num)d
numprocs=2
startsecs=0
stopsignal=KILL
[program:late]
command={python} {folder}/program.py --unix-socket {folder}/late.sock
autostart=false
startsecs=1
stopsignal=KILL
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="supervisor-") as path:
        yield Path(path)


@pytest.fixture
def supervisor(folder: Path) -> Iterator[Supervisor]:
    (folder / "program.py").write_text(PROGRAM)
    configuration = CONFIGURATION.format(folder=folder, python=sys.executable)
    (folder / "supervisord.conf").write_text(configuration)
    command = [find_program("supervisord"), "-c", str(folder / "supervisord.conf")]
    process = ServerProcess(command, folder / "supervisord.log", directory=folder)
    supervisor = Supervisor(f"unix://{folder}/supervisor.sock")
    try:
        process.wait_until(lambda: _is_serving(supervisor))
        yield supervisor
    finally:
        process.terminate()


def _is_serving(supervisor: Supervisor) -> bool:
    try:
        processes = supervisor.processes("planner")
    except SupervisorUnreachable:
        return False
    return all(process.address.status_of("/readyz", ANSWER_SECONDS) == 200 for process in processes)


def restart_of(supervisor: Supervisor, told: list[str], ready_seconds: float = 20.0) -> RollingRestart:
    return RollingRestart(supervisor, ready_seconds=ready_seconds, pause_seconds=0, tell=told.append)


def pids(supervisor: Supervisor) -> list[int]:
    return [process.pid for process in supervisor.processes("planner")]


def until_gone(supervisor: Supervisor, pid: int) -> None:
    """supervisord hears of an end a moment after it."""
    deadline = time.monotonic() + GONE_SECONDS
    while pid in pids(supervisor):
        assert time.monotonic() < deadline, f"supervisord never heard of the end of {pid}"
        time.sleep(POLL_SECONDS)


def test_processes_are_those_of_the_group_with_their_addresses(supervisor: Supervisor, folder: Path) -> None:
    first, second = supervisor.processes("planner")
    assert [first.name, second.name] == ["planner:0", "planner:1"]
    assert first.is_running
    assert first.pid == supervisor.pid_of(first) != second.pid
    assert second.address.unix_socket == f"{folder}/1.sock"
    assert supervisor.processes("another") == []


def test_an_order_that_fails_says_why(supervisor: Supervisor) -> None:
    process = supervisor.processes("planner")[0]
    supervisor.stop(process)
    with pytest.raises(OrderFailed, match="NOT_RUNNING"):
        supervisor.stop(process)


def test_nobody_at_the_socket_is_an_error_of_its_own(folder: Path) -> None:
    with pytest.raises(SupervisorUnreachable, match="does not answer"):
        Supervisor(f"unix://{folder}/none.sock").processes("planner")


def test_rolling_restart_begins_with_what_does_not_run(supervisor: Supervisor) -> None:
    before, told = pids(supervisor), []
    supervisor.stop(supervisor.processes("planner")[1])
    assert restart_of(supervisor, told).run("planner") == 2
    assert [line.split()[0] for line in told] == ["planner:1", "planner:0"]
    assert not set(before) & set(pids(supervisor))


def test_rolling_restart_begins_with_what_runs_but_is_not_ready(supervisor: Supervisor, folder: Path) -> None:
    told: list[str] = []
    pid = supervisor.processes("planner")[1].pid
    (folder / f"unready-{pid}").touch()
    assert restart_of(supervisor, told).run("planner") == 2
    assert [line.split()[0] for line in told] == ["planner:1", "planner:0"]


def test_rolling_restart_takes_nothing_away_while_another_is_not_ready(supervisor: Supervisor, folder: Path) -> None:
    before = pids(supervisor)

    def fail_after_its_restart(line: str) -> None:
        (folder / f"unready-{pids(supervisor)[0]}").touch()

    restart = RollingRestart(supervisor, ready_seconds=20, pause_seconds=0, tell=fail_after_its_restart)
    with pytest.raises(RestartStopped, match="planner:1 was left as it is: planner:0 is not ready"):
        restart.run("planner")
    assert pids(supervisor)[1] == before[1]


def test_rolling_restart_starts_what_supervisord_still_tries_to_start(supervisor: Supervisor, folder: Path) -> None:
    (folder / "failing").touch()
    with pytest.raises(OrderFailed):
        supervisor.start(supervisor.processes("late")[0])
    assert supervisor.processes("late")[0].state in ("BACKOFF", "STARTING")  # between two tries, or at one
    (folder / "failing").unlink()
    assert restart_of(supervisor, []).run("late") == 1


def test_a_second_rolling_restart_at_once_is_refused(supervisor: Supervisor) -> None:
    refused: list[str] = []

    def try_another(_line: str) -> None:
        with pytest.raises(RestartStopped) as stopped:
            restart_of(supervisor, []).run("planner")
        refused.append(str(stopped.value))

    RollingRestart(supervisor, ready_seconds=20, pause_seconds=0, tell=try_another).run("planner")
    assert refused == ["another rolling restart of planner is under way"] * 2
    assert restart_of(supervisor, []).run("planner") == 2


def test_rolling_restart_stops_at_a_process_that_is_not_ready_in_time(supervisor: Supervisor, folder: Path) -> None:
    before = pids(supervisor)
    (folder / "silent").touch()
    with pytest.raises(RestartStopped, match=r"planner:0 did not come back: after 0.3 s /readyz at .*0.sock"):
        restart_of(supervisor, [], ready_seconds=0.3).run("planner")
    assert pids(supervisor)[1] == before[1]


def test_a_link_in_the_place_of_the_lock_is_not_followed(supervisor: Supervisor, folder: Path) -> None:
    (folder / "supervisor.sock.planner.lock").symlink_to(folder / "elsewhere")
    with pytest.raises(RestartStopped, match=r"the lock .* can't be taken"):
        restart_of(supervisor, []).run("planner")
    assert not (folder / "elsewhere").exists()


@pytest.mark.expected_logs("planner:[01] does not answer", "planner:0 was killed", "planner:1 was killed")
def test_a_process_is_killed_at_the_last_miss_in_a_row(supervisor: Supervisor, folder: Path) -> None:
    before = pids(supervisor)
    hung = HungProcesses(supervisor, "planner", timeout_seconds=ANSWER_SECONDS, most_misses=2)
    hung.check()
    (folder / "silent").touch()
    hung.check()
    (folder / "silent").unlink()
    hung.check()
    (folder / "silent").touch()
    hung.check()
    assert pids(supervisor) == before
    hung.check()
    until_gone(supervisor, before[0])
    assert before[1] in pids(supervisor)
    hung.check()
    until_gone(supervisor, before[1])


def test_a_process_that_never_answered_is_given_time(supervisor: Supervisor, folder: Path) -> None:
    before = pids(supervisor)
    (folder / "silent").touch()
    hung = HungProcesses(supervisor, "planner", timeout_seconds=ANSWER_SECONDS, most_misses=1)
    hung.check()
    assert pids(supervisor) == before

"""supervisord as seen from here: the processes of a group, and three things to do to one of them (over XML-RPC)."""

from __future__ import annotations

import http.client
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from realtime_app.supervision.address import Address, UnixConnection

RUNNING = "RUNNING"
# supervisord calls these started: it stops them, and refuses to start them.
_STARTED = frozenset({RUNNING, "STARTING", "BACKOFF"})

_UNIX = "unix://"
# One that takes long: stopping waits for stopwaitsecs of the process.
_CALL_SECONDS = 300.0
_SHUTDOWN_STATE = 6


class SupervisorUnreachable(Exception):
    """supervisord does not answer, or not any more."""


class OrderFailed(Exception):
    """supervisord could not do it; the message is its own."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a group; `name` is what supervisorctl calls it."""

    name: str
    state: str
    pid: int
    uptime_seconds: float
    address: Address

    @property
    def is_running(self) -> bool:
        return self.state == RUNNING

    @property
    def is_started(self) -> bool:
        """Running, or about to: also one that failed, as long as supervisord tries again."""
        return self.state in _STARTED


class Supervisor:
    """`url` is `unix:///run/supervisor.sock`, as in supervisorctl's serverurl."""

    def __init__(self, url: str) -> None:
        if not url.startswith(_UNIX):
            raise ValueError("the supervisor's URL must begin with unix://")
        self._url = url
        self.socket_path = url.removeprefix(_UNIX)

    def processes(self, group: str) -> list[Process]:
        """By name. Raises SupervisorUnreachable, AddressMissing."""
        commands = {entry["name"]: entry["command"] for entry in self._of(group, "getAllConfigInfo")}
        return [_process(entry, commands) for entry in self._of(group, "getAllProcessInfo")]

    def states(self) -> dict[str, str]:
        """Of all groups' processes, by name. Raises SupervisorUnreachable."""
        entries = self._call("getAllProcessInfo")
        return {f"{entry['group']}:{entry['name']}": entry["statename"] for entry in entries}

    def pid_of(self, process: Process) -> int:
        """As of now; 0 when it doesn't run. Raises SupervisorUnreachable, OrderFailed."""
        return int(self._call("getProcessInfo", process.name)["pid"])

    def stop(self, process: Process) -> None:
        """Returns when it has ended. Raises SupervisorUnreachable, OrderFailed."""
        self._call("stopProcess", process.name)

    def start(self, process: Process) -> None:
        """Returns when it has run for startsecs. Raises SupervisorUnreachable, OrderFailed."""
        self._call("startProcess", process.name)

    def kill(self, process: Process) -> None:
        """Ends it at once; supervisord starts it again. Raises SupervisorUnreachable, OrderFailed."""
        self._call("signalProcess", process.name, "KILL")

    def _of(self, group: str, method: str) -> Iterator[dict[str, Any]]:
        entries = sorted(self._call(method), key=lambda entry: str(entry["name"]))
        return (entry for entry in entries if entry["group"] == group)

    def _call(self, method: str, *arguments: str) -> Any:
        transport = _UnixTransport(self.socket_path)
        with self._failures_named(), xmlrpc.client.ServerProxy("http://localhost/RPC2", transport) as server:
            return getattr(server.supervisor, method)(*arguments)

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == _SHUTDOWN_STATE:
                raise SupervisorUnreachable(f"{self._url} is shutting down") from None
            raise OrderFailed(fault.faultString) from None
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError) as error:
            raise SupervisorUnreachable(f"{self._url} does not answer: {type(error).__name__}") from None


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = UnixConnection(self._path, _CALL_SECONDS)
        # Where the base class looks for what it closes.
        self._connection = host, connection
        return connection


def _process(entry: dict[str, Any], commands: dict[str, str]) -> Process:
    return Process(
        name=f"{entry['group']}:{entry['name']}",
        state=entry["statename"],
        pid=entry["pid"],
        uptime_seconds=entry["now"] - entry["start"],
        address=Address.of_command(commands[entry["name"]]),
    )

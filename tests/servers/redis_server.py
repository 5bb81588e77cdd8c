"""A real redis-server of a test's own: private port or unix socket, private directory, nothing written to disk."""

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.servers.ports import free_port
from tests.servers.process import ServerProcess, find_program


class RedisServer:
    """Can be stopped, killed, paused and started anew on the same address.

    `options` are redis-server's own: `{"requirepass": "secret"}`.
    """

    def __init__(self, options: dict[str, str] | None = None, *, on_unix_socket: bool = False) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="redis-"))
        self.options = options or {}
        self.port = 0 if on_unix_socket else free_port()
        self._socket_path = self.directory / "redis.sock"
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """Without credentials."""
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self._socket_path}"

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self._process = ServerProcess(self._command_line(), self.directory / "redis.log", directory=self.directory)
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """End it in good order; its clients are cut off."""
        self._running.terminate()

    def kill(self) -> None:
        self._running.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Let it hang: connections stand, and new ones are accepted by the kernel, but nothing is answered."""
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    def execute(self, *command: str | bytes | int) -> Any:
        """Run one command as the administrator, on a connection of its own that TLS doesn't concern."""
        with redis.Redis(
            unix_socket_path=str(self._socket_path), password=self.options.get("requirepass"), protocol=2
        ) as client:
            return client.execute_command(*command)

    def close(self) -> None:
        """End the process in whatever state it is, and remove what it left."""
        if self._process:
            self._process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _running(self) -> ServerProcess:
        assert self._process, "not started"
        return self._process

    def _command_line(self) -> list[str]:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "unixsocket": str(self._socket_path),
            "dir": str(self.directory),
            "save": "",
            "loglevel": "warning",
            **self.options,
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", *value.split(" "))]
        return [find_program("redis-server"), *arguments]

    def _answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError):
            return bool(self.execute("PING"))
        return False


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running server for one test, which may do to it what it likes."""
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def shared_redis_server() -> Iterator[RedisServer]:
    """One running server for all tests that don't harm it; use a prefix or channels of one's own."""
    server = RedisServer()
    server.start()
    yield server
    server.close()

"""A real redis-server of a test's own: private port or unix socket, private directory, nothing written to disk."""

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

START_SECONDS = 10.0


class RedisServer:
    """Can be stopped, killed, paused and started anew on the same address; ends by its process id.

    `options` are redis-server's own: `{"requirepass": "secret"}`.
    """

    def __init__(self, options: dict[str, str] | None = None, *, on_unix_socket: bool = False) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="redis-"))
        self.options = options or {}
        self.port = 0 if on_unix_socket else free_port()
        self.socket_path = self.directory / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Without credentials."""
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self.socket_path}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with (self.directory / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(self._command_line(), stdout=log, stderr=log, cwd=self.directory)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or not self.is_running:
                raise RuntimeError(f"redis-server did not start:\n{(self.directory / 'redis.log').read_text()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it in good order; its clients are cut off."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Let it hang: connections stand, and new ones are accepted by the kernel, but nothing is answered."""
        self._send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._send_signal(signal.SIGCONT)

    def execute(self, *command: str | bytes | int) -> Any:
        """Run one command as the administrator, on a connection of its own."""
        with self.client() as client:
            return client.execute_command(*command)

    def client(self) -> redis.Redis:
        """A blocking client over the unix socket; an ACL or TLS on the port doesn't concern it."""
        return redis.Redis(
            unix_socket_path=str(self.socket_path), password=self.options.get("requirepass"), protocol=2
        )

    def close(self) -> None:
        """End the process in whatever state it is, and remove what it left."""
        if self.is_running:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _command_line(self) -> list[str]:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "unixsocket": str(self.socket_path),
            "dir": str(self.directory),
            "save": "",
            "appendonly": "no",
            "loglevel": "warning",
            **self.options,
        }
        return ["redis-server", *(part for name, value in options.items() for part in (f"--{name}", *value.split(" ")))]

    def _answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError):
            return bool(self.execute("PING"))
        return False

    def _send_signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        self._process.wait(START_SECONDS)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running server for one test."""
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def shared_redis_server() -> Iterator[RedisServer]:
    """One running server for all tests that don't harm it; channels must be unlike."""
    server = RedisServer()
    server.start()
    yield server
    server.close()

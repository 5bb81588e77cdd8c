"""A real master with sentinels that watch it, and a replica to take over: private ports, nothing kept."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.servers.ports import free_port
from tests.servers.process import ServerProcess, find_program
from tests.servers.redis_server import RedisServer

MASTER_NAME = "planner"
DOWN_AFTER_MS = 500


class RedisSentinels:
    """The majority of `sentinels` decides. `options` are the servers', `sentinel_options` the sentinels' own.

    `tls` holds options for both: they then speak TLS alone on their ports.
    """

    def __init__(
        self,
        options: dict[str, str] | None = None,
        sentinel_options: dict[str, str] | None = None,
        *,
        tls: dict[str, str] | None = None,
        sentinels: int,
        has_replica: bool,
    ) -> None:
        self.master = RedisServer({"repl-diskless-sync-delay": "0", **(options or {}), **(tls or {})})
        self._tls = tls
        if tls:
            self.master.options |= {"port": "0", "tls-port": str(self.master.port), "tls-replication": "yes"}
        self.replica = RedisServer(self.master.options | {"replicaof": f"127.0.0.1 {self.master.port}"})
        self.ports = [free_port() for _ in range(sentinels)]
        self.directory = Path(tempfile.mkdtemp(prefix="sentinels-"))
        self._sentinel_options = sentinel_options or {}
        self._has_replica = has_replica
        self._processes: list[ServerProcess] = []

    @property
    def url(self) -> str:
        """Without credentials."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"redis+sentinel://{hosts}/{MASTER_NAME}"

    def start(self) -> None:
        """Wait until every sentinel knows all the others, and the replica."""
        self.master.start()
        if self._has_replica:
            self.replica.start()
        for port in self.ports:
            self._processes.append(self._start_sentinel(port))
        for port, process in zip(self.ports, self._processes, strict=True):
            process.wait_until(lambda port=port: self._is_complete(port))  # type: ignore[misc]

    def monitor(self, server: RedisServer) -> None:
        """Let all sentinels name another master from now on, without harm to the one before."""
        for port in self.ports:
            self._execute(port, "SENTINEL", "REMOVE", MASTER_NAME)
            self._execute(port, "SENTINEL", "MONITOR", MASTER_NAME, "127.0.0.1", server.port, self._quorum)

    def close(self) -> None:
        for process in self._processes:
            process.kill()
        self.master.close()
        self.replica.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _quorum(self) -> int:
        return len(self.ports) // 2 + 1

    def _start_sentinel(self, port: int) -> ServerProcess:
        configuration = self.directory / f"{port}.conf"
        options = {
            "port": str(port),
            "bind": "127.0.0.1",
            "unixsocket": str(self._socket_path(port)),
            "dir": str(self.directory),
            "sentinel monitor": f"{MASTER_NAME} 127.0.0.1 {self.master.port} {self._quorum}",
            "sentinel down-after-milliseconds": f"{MASTER_NAME} {DOWN_AFTER_MS}",
            "sentinel failover-timeout": f"{MASTER_NAME} 3000",
            **self._sentinel_options,
        }
        if self._tls:
            options |= {"port": "0", "tls-port": str(port), "tls-replication": "yes", **self._tls}
        if "requirepass" in self.master.options:
            options["sentinel auth-pass"] = f"{MASTER_NAME} {self.master.options['requirepass']}"
        configuration.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
        command = [find_program("redis-server"), str(configuration), "--sentinel"]
        return ServerProcess(command, self.directory / f"{port}.log", directory=self.directory)

    def _is_complete(self, port: int) -> bool:
        with contextlib.suppress(redis.ConnectionError):
            flat = self._execute(port, "SENTINEL", "MASTER", MASTER_NAME)
            state = dict(zip(flat[::2], flat[1::2], strict=True))
            replicas, others = int(state[b"num-slaves"]), int(state[b"num-other-sentinels"])
            return replicas == self._has_replica and others == len(self.ports) - 1 and state[b"flags"] == b"master"
        return False

    def _socket_path(self, port: int) -> Path:
        return self.directory / f"{port}.sock"

    def _execute(self, port: int, *command: str | int) -> Any:
        password = self._sentinel_options.get("requirepass")
        with redis.Redis(unix_socket_path=str(self._socket_path(port)), password=password, protocol=2) as client:
            client.response_callbacks.clear()
            return client.execute_command(*command)


@pytest.fixture
def redis_sentinels() -> Iterator[RedisSentinels]:
    """Three sentinels, a master and a replica for one test, which may do to them what it likes."""
    sentinels = RedisSentinels(sentinels=3, has_replica=True)
    try:
        sentinels.start()
        yield sentinels
    finally:
        sentinels.close()


@pytest.fixture(scope="session")
def shared_redis_sentinel() -> Iterator[RedisSentinels]:
    """One sentinel and its master for all tests that don't harm them."""
    sentinels = RedisSentinels(sentinels=1, has_replica=False)
    try:
        sentinels.start()
        yield sentinels
    finally:
        sentinels.close()

"""Where the private cluster lies: a small tree with etc, run and var of its own, and ports and secrets made once."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import random
import re
import secrets
import socket
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
HTTPS_PORT = 8443
# Below those that the kernel gives to outgoing connections, one of which might have it at the next start.
PORTS = range(10_000, 32_000)

_LONGEST_SOCKET_PATH = 107
_LONGEST_SOCKET_NAME = len("/realtime-app/supervisor.sock.1234567")
_SAFE_PATH = re.compile(r"[\w./@+-]+")


class ClusterFailed(Exception):
    """The cluster can't be started or stopped; the message says why."""


@dataclass(frozen=True)
class Choices:
    """Made at the first start, kept until the folder is removed."""

    https_port: int
    http_port: int
    monitoring_port: int
    postgres_port: int
    redis_port: int
    postgres_password: str
    redis_password: str
    jwt_secret: str


class Layout:
    """`path("/run/realtime-app/0.sock")` is where the cluster has what a machine would have there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        if not _SAFE_PATH.fullmatch(str(self.folder)):
            raise ClusterFailed(f"{self.folder}: configuration files can't hold this path; use another --folder")

    def path(self, standard: str) -> Path:
        if standard.startswith("/var/lib/postgresql"):
            return self.postgres_folder / standard.removeprefix("/var/lib/postgresql").lstrip("/")
        if standard.startswith("/run"):
            return self._run_folder / standard.removeprefix("/run").lstrip("/")
        return self.folder / standard.lstrip("/")

    @property
    def settings_folder(self) -> Path:
        return self.path("/etc/realtime-app")

    @cached_property
    def choices(self) -> Choices:
        kept = self.folder / "choices.json"
        if not kept.exists():
            write_private(kept, json.dumps(asdict(_choose()), indent=2))
        return Choices(**json.loads(kept.read_text()))

    @cached_property
    def postgres_account(self) -> str | None:
        """PostgreSQL refuses to be run by root; None is the own account."""
        if os.geteuid() != 0:
            return None
        accounts = {account.pw_name for account in pwd.getpwall()}
        return "postgres" if "postgres" in accounts else "nobody"

    @cached_property
    def postgres_folder(self) -> Path:
        """Elsewhere when its account can't get at the cluster's folder, as below /root."""
        self.folder.mkdir(parents=True, exist_ok=True)
        reach = ["test", "-x", str(self.folder)]
        if subprocess.run(reach, user=self.postgres_account, check=False).returncode == 0:
            return self.folder / "var/lib/postgresql"
        return Path("/var/lib") / f"realtime-app-cluster-{self._digest}"

    @property
    def _run_folder(self) -> Path:
        """Elsewhere when the path would be too long for a unix socket."""
        wanted = self.folder / "run"
        if len(str(wanted)) + _LONGEST_SOCKET_NAME <= _LONGEST_SOCKET_PATH:
            return wanted
        return Path("/tmp") / f"realtime-app-cluster-{self._digest}"

    @property
    def _digest(self) -> str:
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]


def write_private(path: Path, text: str) -> None:
    """A file that nobody else may read, from its first moment on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _choose() -> Choices:
    with socket.socket() as client:
        is_taken = client.connect_ex(("127.0.0.1", HTTPS_PORT)) == 0
    https_port, http_port, monitoring_port, postgres_port, redis_port = _free_ports(5)
    return Choices(
        https_port=https_port if is_taken else HTTPS_PORT,
        http_port=http_port,
        monitoring_port=monitoring_port,
        postgres_port=postgres_port,
        redis_port=redis_port,
        postgres_password=secrets.token_hex(16),
        redis_password=secrets.token_hex(16),
        jwt_secret=secrets.token_hex(32),
    )


def _free_ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        port = random.choice(PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            ports.add(port)
    return list(ports)

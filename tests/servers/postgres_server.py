"""A real PostgreSQL cluster of the tests' own: private directory, port and password, nothing synced to disk."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.servers.ports import free_port
from tests.servers.process import ServerProcess, find_program

SUPERUSER = "postgres"
# Speed: a cluster that lives for one test run needs no durability.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "200", "timezone": "UTC"}


class PostgresServer:
    """One cluster; each test asks for a `fresh_database`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self._account = unprivileged_account()
        self._directory = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._databases = 0
        self._released: list[str] = []
        self._process: ServerProcess | None = None

    @property
    def pid(self) -> int:
        """Of the postmaster, for tests that stop or pause the server."""
        assert self._process
        return self._process.pid

    @property
    def log_path(self) -> Path:
        return self._directory / "postgres.log"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running

    def start(self) -> None:
        """Make the cluster if there is none yet, run it, and wait until it answers."""
        if not self._data.exists():
            self._make_cluster()
        settings = SETTINGS | {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._directory),
        }
        command = [find_program("postgres"), "-D", str(self._data)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = ServerProcess(command, self.log_path, directory=self._directory, user=self._account)
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """End the server and cut its clients off; `start` brings the same databases back on the same port."""
        assert self._process
        self._process.terminate(signal.SIGINT)

    def close(self) -> None:
        """End the server in whatever state it is, and remove all it left."""
        if self._process and self._process.is_running:
            self._process.terminate(signal.SIGQUIT)
        shutil.rmtree(self._directory, ignore_errors=True)

    def fresh_database(self, template_url: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of another one that nobody is connected to."""
        self._databases += 1
        name = f"test_{self._databases}"
        template = _name(template_url) if template_url else "template0"
        drops = [f"DROP DATABASE {released} WITH (FORCE)" for released in self._released]
        self.execute(*drops, f"CREATE DATABASE {name} TEMPLATE {template}")
        self._released.clear()
        return self.url(name)

    def release(self, url: str) -> None:
        """Give a database back; it goes when the next one is made, so that a long run doesn't fill the disk."""
        self._released.append(_name(url))

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as the superuser, each on its own; gives their rows, one a line, columns parted by `|`."""
        command = [*self._client("psql"), "-d", database, "-XqAt", "-v", "ON_ERROR_STOP=1"]
        command += [part for statement in statements for part in ("-c", statement)]
        return self._run(command).stdout.strip()

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def _make_cluster(self) -> None:
        password_file = self._directory / "password"
        password_file.write_text(self.password)
        for path in (self._directory, password_file):
            if self._account:
                shutil.chown(path, self._account)
        command = [find_program("initdb"), "-D", str(self._data), "-U", SUPERUSER, f"--pwfile={password_file}"]
        command += ["--auth=password", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run(command, account=self._account)

    def _answers(self) -> bool:
        command = [*self._client("pg_isready"), "-q"]
        return subprocess.run(command, check=False).returncode == 0

    def _client(self, program: str) -> list[str]:
        return [find_program(program), "-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER]

    def _run(self, command: list[str], account: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PGPASSWORD": self.password}
        result = subprocess.run(
            command, cwd=self._directory, env=environment, user=account, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{result.stderr}")
        return result


def _name(url: str) -> str:
    return url.rsplit("/", 1)[1]


def unprivileged_account() -> str | None:
    """The account to run PostgreSQL under, which refuses to be run by root; None is our own."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in accounts else "nobody"

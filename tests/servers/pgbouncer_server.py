"""A real PgBouncer in transaction mode before a PostgresServer, with few connections, so that they change hands."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from tests.servers.ports import free_port
from tests.servers.postgres_server import SUPERUSER, PostgresServer, unprivileged_account
from tests.servers.process import ServerProcess, find_program, installed_program

SERVER_CONNECTIONS = 3
MAX_PREPARED_STATEMENTS = 200


def keeps_prepared_statements() -> bool:
    """Whether the PgBouncer that is installed can do so in transaction mode: 1.21 was the first, Debian 12 has 1.18."""
    if (program := installed_program("pgbouncer")) is None:
        return False
    printed = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"PgBouncer (\d+)\.(\d+)", printed)
    assert version, printed
    return (int(version[1]), int(version[2])) >= (1, 21)


class PgbouncerServer:
    def __init__(self, postgres: PostgresServer) -> None:
        self.port = free_port()
        self._postgres = postgres
        self._directory = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        self._process: ServerProcess | None = None

    def start(self) -> None:
        account = unprivileged_account()
        users, configuration = self._directory / "users.txt", self._directory / "pgbouncer.ini"
        prepared = f"max_prepared_statements = {MAX_PREPARED_STATEMENTS}\n" if keeps_prepared_statements() else ""
        users.write_text(f'"{SUPERUSER}" "{self._postgres.password}"\n')
        configuration.write_text(
            f"[databases]\n* = host=127.0.0.1 port={self._postgres.port}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir = {self._directory}\n"
            f"auth_type = plain\nauth_file = {users}\npool_mode = transaction\n"
            f"default_pool_size = {SERVER_CONNECTIONS}\nmax_client_conn = 200\n{prepared}"
        )
        if account:
            for path in (self._directory, users, configuration):
                shutil.chown(path, account)
        command = [find_program("pgbouncer"), str(configuration)]
        log = self._directory / "pgbouncer.log"
        self._process = ServerProcess(command, log, directory=self._directory, user=account)
        self._process.wait_until(lambda: "process up" in self.output)

    def close(self) -> None:
        if self._process:
            self._process.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def output(self) -> str:
        assert self._process
        return self._process.output

    def url_of(self, database_url: str) -> str:
        """The way to a database of the PostgresServer through here."""
        return make_url(database_url).set(port=self.port).render_as_string(hide_password=False)

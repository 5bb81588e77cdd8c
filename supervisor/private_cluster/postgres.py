"""The cluster's PostgreSQL: its files, its database."""

from __future__ import annotations

import shutil
from pathlib import Path

from layout import Layout
from programs import run

DATABASE = "realtime"


def make_files(layout: Layout) -> None:
    """Does nothing when they are there."""
    data = layout.path("/var/lib/postgresql/data")
    if not data.exists():
        _initialize(layout, data)
    write_settings(layout, data)


def answers(layout: Layout) -> None:
    """Raises ClusterFailed while it doesn't."""
    run("pg_isready", "-q", *_where(layout))


def make_database(layout: Layout) -> None:
    password = {"PGPASSWORD": layout.choices.postgres_password}
    names = run("psql", *_where(layout), "-Atc", "SELECT datname FROM pg_database", "postgres", extra=password)
    if DATABASE not in names.split():
        run("createdb", *_where(layout), DATABASE, extra=password)


def write_settings(layout: Layout, data: Path) -> None:
    settings = {
        "port": layout.choices.postgres_port,
        "listen_addresses": "'127.0.0.1'",
        "unix_socket_directories": "''",
        "max_connections": 200,
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
    }
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (data / "postgresql.auto.conf").write_text(text)


def _initialize(layout: Layout, data: Path) -> None:
    account = layout.postgres_account
    data.parent.mkdir(parents=True, exist_ok=True)
    password = data.parent / "password"
    password.touch(mode=0o600)
    password.write_text(layout.choices.postgres_password)
    for path in (data.parent, password):
        if account:
            shutil.chown(path, account)
    try:
        run(
            *("initdb", "-D", str(data), "-U", "realtime", f"--pwfile={password}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            folder=data.parent,
            account=account,
        )
    finally:
        password.unlink()


def _where(layout: Layout) -> list[str]:
    return ["-h", "127.0.0.1", "-p", str(layout.choices.postgres_port), "-U", "realtime"]

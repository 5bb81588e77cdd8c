"""The cluster's configuration: the files of nginx/ and supervisor/ as they are shipped, moved to the cluster's paths.

What has to differ from a real machine stands in `_changes`; each of it must be found, so that none gets lost unseen.
"""

from __future__ import annotations

import os
import re
import resource
import shlex
import shutil
import socket
from pathlib import Path

from layout import ROOT, ClusterFailed, Layout, write_private
from programs import PROGRAM, run

_STANDARD_PATH = re.compile(r"(?<![\w.@-])/(?:etc|run|var)/[\w./-]*")
# Of the machine: nginx brings it along.
_MIME_TYPES = "/etc/nginx/mime.types"


def write_all(layout: Layout, drain_seconds: float) -> None:
    """Also makes the folders that the programs expect."""
    for folder in ("/run/realtime-app", "/var/log/realtime-app", "/var/log/nginx", "/var/lib/nginx", "/var/lib/redis"):
        layout.path(folder).mkdir(parents=True, exist_ok=True)
    layout.path("/run/realtime-app").chmod(0o700)
    _write_moved(layout, drain_seconds)
    _write_settings(layout, drain_seconds)
    _write_redis(layout)
    _link_static(layout)
    _make_certificate(layout)


def moved(text: str, layout: Layout) -> str:
    """All standard paths of the text led to the cluster's own."""
    return _STANDARD_PATH.sub(lambda match: _moved_path(match[0], layout), text)


def _moved_path(standard: str, layout: Layout) -> str:
    if standard == _MIME_TYPES:
        return str(_mime_types())
    # A folder's last slash stays: what follows may be a pattern.
    return str(layout.path(standard)) + ("/" if standard.endswith("/") else "")


def _write_moved(layout: Layout, drain_seconds: float) -> None:
    changes = _changes(layout, drain_seconds)
    for source, target in _sources().items():
        text = moved((ROOT / source).read_text(), layout)
        for standard, private in changes.get(source, {}).items():
            if standard not in text:
                raise ClusterFailed(f"{source} no longer holds: {standard}")
            text = text.replace(standard, private)
        path = layout.path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    refusals = layout.path("/etc/nginx/realtime_app/refusals")
    shutil.copytree(ROOT / "nginx/realtime_app/refusals", refusals, dirs_exist_ok=True)


def _sources() -> dict[str, str]:
    snippets = [path.name for path in (ROOT / "nginx/realtime_app").glob("*.conf")]
    return {f"nginx/realtime_app/{name}": f"/etc/nginx/realtime_app/{name}" for name in snippets} | {
        "nginx/nginx.conf": "/etc/nginx/nginx.conf",
        "nginx/realtime_app.conf": "/etc/nginx/conf.d/realtime_app.conf",
        "supervisor/realtime_app.conf": "/etc/supervisor/conf.d/realtime_app.conf",
        "supervisor/supervisord.conf": "/etc/supervisor/supervisord.conf",
    }


def _changes(layout: Layout, drain_seconds: float) -> dict[str, dict[str, str]]:
    """By file: ports instead of 80 and 443, the accounts that there are, and the open files that may be had."""
    ports = layout.choices
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    is_root = os.geteuid() == 0
    has_ipv6 = _has_ipv6_loopback()
    return {
        "nginx/nginx.conf": {
            "user www-data;": "user root;" if is_root else "",
            "worker_processes auto;": "worker_processes 2;",
            "worker_rlimit_nofile 131072;": f"worker_rlimit_nofile {min(131072, files)};",
            "worker_connections 65536;": f"worker_connections {min(65536, files)};",
            "worker_shutdown_timeout 60s;": "worker_shutdown_timeout 2s;",
        },
        "nginx/realtime_app.conf": {
            "listen 80;": f"listen 127.0.0.1:{ports.http_port};",
            "listen [::]:80;": f"listen [::1]:{ports.http_port};" if has_ipv6 else "",
            "listen 443 ssl": f"listen 127.0.0.1:{ports.https_port} ssl",
            "listen [::]:443 ssl http2 backlog=4096;": (
                f"listen [::1]:{ports.https_port} ssl http2 backlog=4096;" if has_ipv6 else ""
            ),
            "127.0.0.1:9180;": f"127.0.0.1:{ports.monitoring_port};",
            "server_name planner.example.org;": "server_name localhost;",
            "keepalive_timeout 5s;": f"keepalive_timeout {drain_seconds * 500:.0f}ms;",
        },
        # The planner is not the only server that ever runs on localhost.
        "nginx/realtime_app/headers.conf": {'"max-age=31536000"': '"max-age=0"'},
        "supervisor/supervisord.conf": {
            "user=root\n": "user=root\n" if is_root else "",
            "user=postgres\n": f"user={layout.postgres_account}\n" if is_root else "",
        },
        "supervisor/realtime_app.conf": {
            "/opt/realtime-app/bin/realtime-app": shlex.join(PROGRAM),
            "minfds=65536": f"minfds={min(65536, files)}",
            "user=realtime-app\n": "",
            # The database is migrated first.
            "autostart=true": "autostart=false",
        },
    }


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _write_settings(layout: Layout, drain_seconds: float) -> None:
    choices = layout.choices
    postgres = f"realtime:{choices.postgres_password}@127.0.0.1:{choices.postgres_port}/realtime"
    settings = {
        "DATABASE_URL": f"postgresql+asyncpg://{postgres}",
        "REDIS_URL": f"redis://:{choices.redis_password}@127.0.0.1:{choices.redis_port}/0",
        "JWT_SECRET": choices.jwt_secret,
        "DRAIN_SECONDS": f"{drain_seconds:g}",
        "LOG_FORMAT": "json",
    }
    write_private(layout.settings_folder / ".env", "".join(f"{name}={value}\n" for name, value in settings.items()))


def _write_redis(layout: Layout) -> None:
    """Nothing is kept on disk: what Redis loses stands in the event log."""
    options = {
        "port": layout.choices.redis_port,
        "bind": "127.0.0.1",
        "requirepass": layout.choices.redis_password,
        "dir": layout.path("/var/lib/redis"),
        "save": '""',
        # Its command line tells whose it is.
        "set-proc-title": "no",
    }
    text = "".join(f"{name} {value}\n" for name, value in options.items())
    write_private(layout.path("/etc/redis/redis.conf"), text)


def _link_static(layout: Layout) -> None:
    link = layout.path("/var/www/realtime-app")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT / "realtime_app/static")


def _make_certificate(layout: Layout) -> None:
    folder = layout.path("/etc/realtime-app/tls")
    key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
    if certificate.exists():
        return
    write_private(key, "")
    run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-days", "3650", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(certificate)),
    )


def _mime_types() -> Path:
    built = re.search(r"--conf-path=(\S+)", run("nginx", "-V"))
    return Path(built[1]).with_name("mime.types") if built else Path(_MIME_TYPES)

"""`realtime-app serve`."""

from __future__ import annotations

from pathlib import Path

import click

from realtime_app import server
from realtime_app.config import read_settings
from realtime_app.logs import configure_logs
from realtime_app.process.jwt_secret import with_jwt_secret
from realtime_app.process.listener import bind_tcp, bind_unix


@click.command()
@click.option("--host", help="Address to listen on; 0.0.0.0 and :: are all of them.  [setting: HOST]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.  [setting: PORT]")
@click.option(
    "--unix-socket",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Listen on this unix socket (mode 0660) and on no port; what a proxy sends through it is trusted.",
)
def serve(host: str | None, port: int | None, unix_socket: Path | None) -> None:
    """Run the server until SIGTERM or Ctrl-C.

    The database must be migrated. The first signal stops gracefully within DRAIN_SECONDS, a second one at once.
    Without the database or Redis the server starts all the same and waits for them; /readyz says how it stands.
    """
    if unix_socket is not None and (host is not None or port is not None):
        raise click.UsageError("--unix-socket goes with neither --host nor --port")
    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    settings = with_jwt_secret(read_settings(**given))
    configure_logs(settings.log_format, settings.log_level)
    if unix_socket is not None:
        server.run(settings, lambda: [bind_unix(unix_socket)])
    else:
        server.run(settings, lambda: bind_tcp(settings.host, settings.port))

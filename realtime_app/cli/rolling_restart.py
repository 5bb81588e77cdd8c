"""`realtime-app rolling-restart`."""

from __future__ import annotations

import click

from realtime_app.cli.exits import ExitCode, Failure
from realtime_app.supervision.address import AddressMissing
from realtime_app.supervision.rolling_restart import RestartStopped, RollingRestart
from realtime_app.supervision.supervisor import Supervisor, SupervisorUnreachable

SUPERVISOR_URL = "unix:///run/supervisor.sock"
GROUP = "realtime_app"


@click.command()
@click.option("--supervisor", default=SUPERVISOR_URL, show_default=True, help="supervisord's own socket.")
@click.option("--group", default=GROUP, show_default=True, help="The group of processes; their program's name.")
@click.option("--ready-seconds", type=float, default=60.0, show_default=True, help="How long one may take to be ready.")
@click.option("--pause-seconds", type=float, default=2.0, show_default=True, help="Between one and the next.")
def rolling_restart(supervisor: str, group: str, ready_seconds: float, pause_seconds: float) -> None:
    """Restart the processes under supervisord one by one, while the others serve.

    Each is sent away gracefully within DRAIN_SECONDS, started, and asked for /readyz until it says 200; then comes the
    next. It begins with those that aren't ready. When one doesn't come back, or isn't ready while another has its turn,
    the command ends with 1 and names it; those after it were not touched.
    """
    restart = RollingRestart(
        Supervisor(supervisor), ready_seconds=ready_seconds, pause_seconds=pause_seconds, tell=click.echo
    )
    try:
        count = restart.run(group)
    except (RestartStopped, SupervisorUnreachable, AddressMissing) as error:
        raise Failure(str(error), ExitCode.REFUSED) from None
    if not count:
        raise Failure(f"supervisord knows no group {group}", ExitCode.REFUSED)
    click.echo(f"{count} processes restarted")

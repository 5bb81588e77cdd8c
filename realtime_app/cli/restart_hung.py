"""`realtime-app restart-hung`."""

from __future__ import annotations

import logging
import sys

import click

from realtime_app.cli.rolling_restart import GROUP, SUPERVISOR_URL
from realtime_app.logs import configure_logs
from realtime_app.supervision.event_listener import events
from realtime_app.supervision.hung_processes import HungProcesses
from realtime_app.supervision.supervisor import Supervisor, SupervisorUnreachable

log = logging.getLogger(__name__)


@click.command()
@click.option(
    "--supervisor",
    envvar="SUPERVISOR_SERVER_URL",
    default=SUPERVISOR_URL,
    show_default=True,
    help="supervisord's own socket; supervisord itself tells it to its event listeners.",
)
@click.option("--group", default=GROUP, show_default=True, help="The group of processes; their program's name.")
@click.option("--timeout-seconds", type=float, default=3.0, show_default=True, help="For one answer.")
@click.option("--misses", type=click.IntRange(1), default=3, show_default=True, help="Answers missed in a row.")
def restart_hung(supervisor: str, group: str, timeout_seconds: float, misses: int) -> None:
    """Event listener of supervisord: have processes started anew that no longer answer /healthz.

    Run it under supervisord with events=TICK_5: see supervisor/realtime_app.conf. It writes its log to stderr.
    """
    configure_logs("text", "info")
    hung = HungProcesses(Supervisor(supervisor), group, timeout_seconds=timeout_seconds, most_misses=misses)
    for _ in events(sys.stdin, sys.stdout):
        try:
            hung.check()
        except SupervisorUnreachable as error:
            log.warning("%s", error)

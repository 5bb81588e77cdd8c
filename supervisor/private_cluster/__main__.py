"""The command that `make cluster` and `make cluster-stop` run."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

# Run as a folder, since `supervisor/` holds shipped files and is no package: then Python looks for imports in this one
# alone, and what is the planner's own lies two above.
sys.path.insert(1, str(Path(__file__).parents[2]))

import files
from cluster import Cluster
from layout import ClusterFailed, Layout

SHIPPED_DRAIN_SECONDS = 10.0

folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("var/cluster"),
    show_default=True,
    help="Where all of it lies.",
)


class Refused(click.ClickException):
    """Prints the reason, nothing else."""

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


@click.group()
def main() -> None:
    """A whole site on this machine: nginx, four processes, Redis and PostgreSQL under one supervisord.

    All of it lies in one folder; nothing of the machine's own services is touched.
    """


@main.command()
@folder_option
@click.option("--drain-seconds", default=SHIPPED_DRAIN_SECONDS, show_default=True, help="DRAIN_SECONDS.")
def start(folder: Path, drain_seconds: float) -> None:
    """Start it, unless it runs, and say where it is."""
    try:
        cluster = Cluster(Layout(folder))
        if not cluster.is_running:
            click.echo("Starting the cluster (the first time takes a little longer)")
            cluster.start(drain_seconds)
        cluster.check_all_run()
    except ClusterFailed as failure:
        raise Refused(str(failure)) from None
    click.echo(f"""
  The planner runs at {cluster.url}
  Its certificate is its own: the browser asks before it goes there, curl wants --insecure.

    {cluster.supervisorctl} status
    .venv/bin/realtime-app rolling-restart --supervisor {cluster.supervisor_url}
    make cluster-stop

  Settings, logs and data lie in {cluster.layout.folder}.
""")


@main.command()
def check() -> None:
    """Have nginx judge its configuration; nothing is started."""
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        try:
            files.write_all(layout, SHIPPED_DRAIN_SECONDS)
            Cluster(layout).check_nginx()
        except ClusterFailed as failure:
            raise Refused(str(failure)) from None


@main.command()
@folder_option
def stop(folder: Path) -> None:
    """End all of it; the data stays."""
    try:
        leftovers = Cluster(Layout(folder)).stop()
    except ClusterFailed as failure:
        raise Refused(str(failure)) from None
    for pid in leftovers:
        click.echo(f"Ended process {pid}, which had lost its supervisord")
    click.echo("Nothing of the cluster is running")


main()

"""`realtime-app new-epoch`."""

from __future__ import annotations

import asyncio

import click

from realtime_app.cli.announcing import announce
from realtime_app.cli.database import current
from realtime_app.config import Settings, read_settings
from realtime_app.core.control import EpochChanged
from realtime_app.store.epoch import begin_new_epoch


@click.command()
def new_epoch() -> None:
    """Begin a new incarnation of the event log: every client then fetches everything anew.

    To be run after the database was restored from a backup, or after a failover to a replica that may not have heard
    it all. The running processes may go on meanwhile; those that Redis doesn't reach notice within ten seconds.
    """
    settings = read_settings()
    epoch = asyncio.run(_begin(settings))
    click.echo(f"the event log is at epoch {epoch}")
    if not asyncio.run(announce(settings, EpochChanged())):
        click.echo("Redis can't be reached: the running processes notice within ten seconds", err=True)


async def _begin(settings: Settings) -> str:
    async with current(settings) as database:
        return await begin_new_epoch(database)

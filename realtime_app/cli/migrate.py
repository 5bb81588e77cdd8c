"""`realtime-app migrate`."""

from __future__ import annotations

import asyncio

import click

from realtime_app.cli.database import opened
from realtime_app.config import read_settings
from realtime_app.store import schema


@click.command()
def migrate() -> None:
    """Bring the database's schema up to this version.

    Does nothing when it is current already; several processes may do it at once. Run it before the new version's
    processes start; those of the version before may run on meanwhile.
    """
    click.echo(f"the database is at revision {asyncio.run(_migrate())}")


async def _migrate() -> str:
    async with opened(read_settings()) as database:
        return await schema.migrate(database)

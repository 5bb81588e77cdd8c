"""`realtime-app check`."""

from __future__ import annotations

import asyncio

import click

from realtime_app.broker.base import LinkState, Message
from realtime_app.broker.factory import broker_from_url
from realtime_app.cli.database import check_schema, opened
from realtime_app.cli.exits import ExitCode, Failure, failures_named
from realtime_app.config import MEMORY_URL, Settings, read_settings

REDIS_SECONDS = 5.0


@click.command()
def check() -> None:
    """Say whether the settings are right, the database and Redis can be reached, and the schema is current.

    Prints a line for each part; the exit code is that of the first one which fails.
    """
    settings = read_settings()
    click.echo("settings  ok")
    failures = [failure for failure in (_database_failure(settings), _redis_failure(settings)) if failure is not None]
    if failures:
        raise click.exceptions.Exit(failures[0])


def _database_failure(settings: Settings) -> int | None:
    try:
        with failures_named():
            click.echo(f"database  ok, at revision {asyncio.run(_schema(settings))}")
    except Failure as failure:
        click.echo(f"database  {failure.message}")
        return failure.exit_code
    return None


def _redis_failure(settings: Settings) -> int | None:
    if settings.redis_url is None:
        click.echo("redis     off: REDIS_URL is not set")
    elif settings.redis_url == MEMORY_URL:
        click.echo("redis     not needed: one process, REDIS_URL is memory://")
    elif asyncio.run(_redis_answers(settings.redis_url, settings.redis_prefix)):
        click.echo("redis     ok")
    else:
        click.echo("redis     can't be reached: is REDIS_URL right?")
        return ExitCode.REDIS
    return None


async def _schema(settings: Settings) -> str:
    async with opened(settings) as database:
        return await check_schema(settings, database)


class _LinkWatch:
    """Waits for the link to stand."""

    def __init__(self) -> None:
        self.is_up = asyncio.Event()

    def on_messages(self, batch: list[Message]) -> None: ...

    def on_confirmed(self, channel: str, ticket: int) -> None: ...

    def on_link(self, state: LinkState) -> None:
        if state is LinkState.UP:
            self.is_up.set()


async def _redis_answers(url: str, prefix: str) -> bool:
    """As the server would find it: with publishing and subscribing proven, not with a mere PING."""
    broker, watch = broker_from_url(url, prefix=prefix), _LinkWatch()
    broker.listen(watch)
    await broker.start()
    try:
        await asyncio.wait_for(watch.is_up.wait(), REDIS_SECONDS)
    except TimeoutError:
        return False
    finally:
        await broker.close()
    return True

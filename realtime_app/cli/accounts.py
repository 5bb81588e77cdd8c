"""`realtime-app create-user`, `create-api-key`, `reset-password`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click

from realtime_app.application import utc_now
from realtime_app.auth.passwords import Passwords
from realtime_app.cli.announcing import announce
from realtime_app.cli.database import current
from realtime_app.config import Settings, read_settings
from realtime_app.core.control import CredentialsChanged
from realtime_app.core.scopes import Scope
from realtime_app.services import administration
from realtime_app.services.representations import JsonObject


@click.command()
@click.argument("email")
@click.option("--name", help="The name to show.")
def create_user(email: str, name: str | None) -> None:
    """Make an account, also where REGISTRATION is closed.

    The password is asked for, or read from the first line of standard input where that is no terminal.
    """
    user = asyncio.run(_create_user(email, read_password(), name))
    click.echo(f"created user {user['id']} with the email address {user['email']}")


@click.command()
@click.argument("email")
@click.option("--name", required=True, help="What the key is for; shown in lists and events.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the key may do; repeat it for several.  [default: tasks:read and time-blocks:read]",
)
@click.option("--expires", help="An instant like 2027-01-31T12:00:00Z, or a date, which ends with that day.")
def create_api_key(email: str, name: str, scopes: tuple[str, ...], expires: str | None) -> None:
    """Make an API key for the user with this email address.

    The key alone is printed on standard output, this once: only its hash is stored.
    """
    fields: dict[str, Any] = {"name": name, "expiresAt": expires}
    if scopes:
        fields["scopes"] = list(scopes)
    created = asyncio.run(_create_api_key(email, fields))
    click.echo(f"created API key {created['apiKey']['id']}", err=True)
    click.echo(created["key"])


@click.command()
@click.argument("email")
@click.option("--deactivate-keys", "deactivates_keys", is_flag=True, help="Deactivate all API keys of the user, too.")
def reset_password(email: str, deactivates_keys: bool) -> None:
    """Give the user with this email address a new password and end all sessions.

    Running processes close the user's connections at once, or within seconds where Redis doesn't reach them. API keys
    stay as they are unless told otherwise. The password is asked for, or read from the first line of standard input
    where that is no terminal.
    """
    settings = read_settings()
    reset = asyncio.run(_reset_password(settings, email, read_password(), deactivates_keys))
    click.echo(f"the password is changed; sessions ended: {reset.sessions_ended}")
    if deactivates_keys:
        click.echo(f"API keys deactivated: {reset.keys_deactivated}")
    elif reset.keys_holding:
        click.echo(f"API keys that still hold: {reset.keys_holding}; --deactivate-keys ends them")
    if not asyncio.run(announce(settings, CredentialsChanged(reset.user_id))):
        click.echo("Redis can't be reached: the running processes notice within ten seconds", err=True)


def read_password() -> str:
    """Never from the command line: everybody on the machine can read that."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\r\n")


async def _create_user(email: str, password: str, name: str | None) -> JsonObject:
    passwords = Passwords()
    async with current(read_settings()) as database:
        try:
            return await administration.add_user(
                database, passwords, email=email, password=password, name=name, now=utc_now()
            )
        finally:
            await passwords.close()


async def _create_api_key(email: str, fields: dict[str, Any]) -> JsonObject:
    async with current(read_settings()) as database:
        return await administration.add_api_key(database, email=email, fields=fields, now=utc_now())


async def _reset_password(
    settings: Settings, email: str, password: str, deactivates_keys: bool
) -> administration.Reset:
    passwords = Passwords()
    async with current(settings) as database:
        try:
            return await administration.reset_password(
                database, passwords, email=email, password=password, deactivates_keys=deactivates_keys, now=utc_now()
            )
        finally:
            await passwords.close()

"""The command line `realtime-app`: parses, calls one part of the program, prints."""

from __future__ import annotations

import os

import click

from realtime_app import __version__
from realtime_app.cli import (
    accounts,
    check,
    migrate,
    new_epoch,
    restart_hung,
    rolling_restart,
    serve,
    show_config,
    watch,
)
from realtime_app.cli.exits import Commands
from realtime_app.logs import configure_logs


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def main() -> None:
    """The realtime planner's server and its administration.

    Settings are environment variables, or lines of the file .env in the current folder; the environment wins.
    .env.example explains each of them, show-config prints what they are now.

    \b
    Exit codes:
      0  done
      1  refused: what was asked for can't be done, the message says why
      2  wrong usage or wrong settings
      3  the database can't be reached
      4  the database's schema is not the one this version needs: run migrate
      5  Redis can't be reached
      6  another process has the address or the database
      70 a fault of this program; please report it
    """
    # The database and the secret beside it are nobody else's business.
    os.umask(0o077)
    # A command says in one line how it ended; only the server keeps a log.
    configure_logs("text", "critical")


for command in (
    serve.serve,
    migrate.migrate,
    accounts.create_user,
    accounts.create_api_key,
    accounts.reset_password,
    show_config.show_config,
    check.check,
    watch.watch,
    new_epoch.new_epoch,
    rolling_restart.rolling_restart,
    restart_hung.restart_hung,
):
    main.add_command(command)

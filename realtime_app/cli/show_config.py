"""`realtime-app show-config`."""

from __future__ import annotations

import re
from typing import Any

import click
from pydantic import SecretStr

from realtime_app.config import Settings, read_settings, variable_of
from realtime_app.core.durations import format_duration

MASK = "****"

_URL_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")
_URL_PASSWORD = re.compile(r"(?<=password=)[^&]+", re.IGNORECASE)


@click.command()
def show_config() -> None:
    """Print every setting as it counts now, secrets masked.

    The lines have the form of .env. Settings that are wrong are named instead, all of them.
    """
    settings = read_settings()
    for field in Settings.model_fields:
        click.echo(f"{variable_of(field)}={shown(getattr(settings, field))}")


def shown(value: Any) -> str:
    """As one would write it into `.env`, without what nobody should see."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format_duration(value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return _URL_PASSWORD.sub(MASK, _URL_CREDENTIALS.sub(f"{MASK}@", str(value)))

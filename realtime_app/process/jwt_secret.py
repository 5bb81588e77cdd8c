"""The JWT secret of a process that runs alone: made once and kept beside its database."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from realtime_app.config import SECRET_BYTES, Settings, SettingsInvalid

FILE_NAME = "jwt_secret"


def with_jwt_secret(settings: Settings) -> Settings:
    """The settings with a secret in them: their own, or the kept one. Raises SettingsInvalid."""
    database_file = settings.database_file
    if settings.jwt_secret.get_secret_value() or database_file is None:
        return settings
    secret = read_or_create(database_file.parent / FILE_NAME)
    return settings.model_copy(update={"jwt_secret": SecretStr(secret)})


def read_or_create(path: Path) -> str:
    """The secret in this file, which nobody but the owner may read. Raises SettingsInvalid."""
    try:
        if not path.exists():
            _create(path)
        secret = path.read_text().strip()
    except OSError as error:
        raise SettingsInvalid([f"JWT_SECRET is not set, and {path} can't be used: {error.strerror}"]) from None
    if len(secret.encode()) < SECRET_BYTES:
        raise SettingsInvalid([f"JWT_SECRET is not set, and {path} is too short: remove it, and a new one is made"])
    return secret


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
    # A link fails where a rename would replace the secret that another process made at the same moment.
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()

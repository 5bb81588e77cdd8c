"""Bodies of the routes that manage API keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool

from realtime_app.core.scopes import Scope
from realtime_app.schemas.fields import ABSENT, Body, ChangesBody, DayOrInstant, Text


def _without_repeats(scopes: list[Scope]) -> list[Scope]:
    return list(dict.fromkeys(scopes))


def _scopes_to_begin_with() -> list[Scope]:
    return [Scope.TASKS_READ, Scope.TIME_BLOCKS_READ]


KeyName = Annotated[Text, Field(min_length=1, max_length=255)]
Scopes = Annotated[list[Scope], Field(max_length=100), AfterValidator(_without_repeats)]


class KeyBody(Body):
    """POST /api-keys. A plain date as `expiresAt` means the end of that day in the user's time zone."""

    name: KeyName
    scopes: Scopes = Field(default_factory=_scopes_to_begin_with)
    expires_at: DayOrInstant | None = None


class KeyChangesBody(ChangesBody):
    """PATCH /api-keys/{id}."""

    name: KeyName = ABSENT
    scopes: Scopes = ABSENT
    is_active: StrictBool = ABSENT
    expires_at: DayOrInstant | None = None

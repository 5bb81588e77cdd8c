"""Bodies of the routes about accounts and profiles."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictInt
from pydantic_core import PydanticCustomError

from realtime_app.schemas.fields import ABSENT, Body, ChangesBody, Text

TIMEZONES = frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
"""IANA's names, aliases included: from the package, so that every machine knows the same ones."""

MAX_EMAIL_LENGTH = 255

# Deliberately loose: whether the address exists only a message sent there could tell.
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+(?:[/?#]\S*)?", re.IGNORECASE)


def _email(value: str) -> str:
    email = value.strip().lower()
    if len(email) > MAX_EMAIL_LENGTH:
        raise PydanticCustomError("email", "at most 255 characters")
    if not (_EMAIL.fullmatch(email) and email.isprintable()):
        raise PydanticCustomError("email", "must be an email address")
    return email


def _login_email(value: str) -> str:
    return value.strip().lower()


def _strong(value: str) -> str:
    if not (any(map(str.isupper, value)) and any(map(str.islower, value)) and any(map(str.isdigit, value))):
        raise PydanticCustomError("weak", "needs an upper-case letter, a lower-case letter and a digit")
    return value


def _web_address(value: str) -> str:
    if not (_WEB_ADDRESS.fullmatch(value) and value.isprintable()):
        raise PydanticCustomError("web_address", "must be an http or https URL")
    return value


def _timezone(value: str) -> str:
    if value not in TIMEZONES:
        raise PydanticCustomError("timezone", "must be an IANA time zone like Europe/Berlin")
    return value


Email = Annotated[Text, AfterValidator(_email)]
"""Trimmed and in lower case."""
NewPassword = Annotated[Text, Field(min_length=8, max_length=128), AfterValidator(_strong)]
GivenPassword = Annotated[Text, Field(min_length=1, max_length=1024)]
"""One to be compared: its own rules may have been others when it was chosen."""
Name = Annotated[Text, Field(min_length=1, max_length=255)]
AvatarUrl = Annotated[Text, Field(max_length=500), AfterValidator(_web_address)]
Timezone = Annotated[Text, AfterValidator(_timezone)]
Hour = Annotated[StrictInt, Field(ge=0, le=23)]
StyleName = Annotated[Text, Field(min_length=1, max_length=50)]


class RegisterBody(Body):
    """POST /auth/register."""

    email: Email
    password: NewPassword
    name: Name | None = None


class LoginBody(Body):
    """POST /auth/login. An address that could never have registered is as unknown as any other."""

    email: Annotated[Text, Field(min_length=1, max_length=1024), AfterValidator(_login_email)]
    password: GivenPassword


class PasswordChangeBody(Body):
    """POST /auth/change-password."""

    current_password: GivenPassword
    new_password: NewPassword


class AccountDeletionBody(Body):
    """DELETE /auth/me."""

    password: GivenPassword


class PreferencesBody(Body):
    """Some of the preferences; what is left out stays as it is."""

    theme_mode: Literal["light", "dark", "system"] = ABSENT
    color_theme: StyleName = ABSENT
    font_family: StyleName = ABSENT
    work_start_hour: Hour = ABSENT
    work_end_hour: Hour = ABSENT
    home_tab: Literal["board", "tasks", "calendar"] = ABSENT
    week_starts_on: Annotated[StrictInt, Field(ge=0, le=1)] = ABSENT
    calendar_view_mode: Literal["day", "3-day", "week", "month"] = ABSENT

    def changes(self) -> dict[str, Any]:
        """What was sent, by the wire's names: preferences are stored as they are answered."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class ProfileBody(ChangesBody):
    """PATCH /auth/me."""

    name: Name | None = None
    avatar_url: AvatarUrl | None = None
    timezone: Timezone = ABSENT
    preferences: PreferencesBody = ABSENT

    def changes(self) -> dict[str, Any]:
        """The columns that were sent, null included; not the preferences, which are merged."""
        return {name: value for name, value in super().changes().items() if name != "preferences"}

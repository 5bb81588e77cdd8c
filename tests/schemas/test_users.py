"""What registering, logging in and changing a profile may send."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_app.errors import ValidationFailed
from realtime_app.schemas.fields import parse
from realtime_app.schemas.users import (
    TIMEZONES,
    AccountDeletionBody,
    LoginBody,
    PasswordChangeBody,
    ProfileBody,
    RegisterBody,
)

ACCOUNT = {"email": "ada@example.org", "password": "Correct1horse"}


def errors_of(model: type, data: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationFailed) as caught:
        parse(model, data)
    return caught.value.errors


def test_an_email_is_trimmed_and_in_lower_case() -> None:
    assert parse(RegisterBody, ACCOUNT | {"email": "  Ada@Example.ORG\n"}).email == "ada@example.org"
    assert parse(LoginBody, ACCOUNT | {"email": "  Ada@Example.ORG\n"}).email == "ada@example.org"


@pytest.mark.parametrize(
    "email", ["a@b.co", "first.last+tag@sub.example.org", "o'brien@example.org", "ü@bücher.example"]
)
def test_an_email_may_look_like_this(email: str) -> None:
    assert parse(RegisterBody, ACCOUNT | {"email": email}).email == email


@pytest.mark.parametrize(
    "email", ["", " ", "ada", "ada@", "@example.org", "ada@example", "a b@example.org", "a@b@example.org", "a@b..org"]
)
def test_an_email_may_not_look_like_this(email: str) -> None:
    assert errors_of(RegisterBody, ACCOUNT | {"email": email}) == {"email": ["must be an email address"]}


def test_an_email_has_at_most_255_characters() -> None:
    labels = ".".join(["x" * 48] * 4)
    longest = f"{'a' * (255 - len(labels) - 1)}@{labels}"
    assert parse(RegisterBody, ACCOUNT | {"email": f" {longest} "}).email == longest
    assert errors_of(RegisterBody, ACCOUNT | {"email": f"a{longest}"}) == {"email": ["at most 255 characters"]}


@pytest.mark.parametrize("password", ["Abcdefg1", "Ünïcode9", "A" + "b" * 126 + "1", "Aa1 spaces too"])
def test_a_password_may_be_this(password: str) -> None:
    assert parse(RegisterBody, ACCOUNT | {"password": password}).password == password
    assert parse(PasswordChangeBody, {"currentPassword": "x", "newPassword": password}).new_password == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Abcdef1", "at least 8 characters"),
        ("A" + "b" * 127 + "1", "at most 128 characters"),
        ("abcdefg1", "needs an upper-case letter, a lower-case letter and a digit"),
        ("ABCDEFG1", "needs an upper-case letter, a lower-case letter and a digit"),
        ("Abcdefgh", "needs an upper-case letter, a lower-case letter and a digit"),
        ("Abcdefg1\0", "must not contain the character U+0000"),
        (12345678, "must be text"),
        (None, "must be text"),
    ],
)
def test_a_password_may_not_be_this(password: object, reason: str) -> None:
    assert errors_of(RegisterBody, ACCOUNT | {"password": password}) == {"password": [reason]}


def test_all_wrong_fields_are_named_at_once() -> None:
    assert errors_of(RegisterBody, {"email": "ada", "name": ""}) == {
        "email": ["must be an email address"],
        "password": ["is required"],
        "name": ["must not be empty"],
    }


@pytest.mark.parametrize("name", [None, "A", "x" * 255])
def test_a_name_may_be_left_out_or_null(name: str | None) -> None:
    assert parse(RegisterBody, ACCOUNT).name is None
    assert parse(RegisterBody, ACCOUNT | {"name": name}).name == name


def test_a_login_is_not_held_to_the_rules_of_new_passwords() -> None:
    assert parse(LoginBody, {"email": "ada", "password": "x"}).password == "x"


@pytest.mark.parametrize("model", [LoginBody, AccountDeletionBody])
def test_a_given_password_is_bounded(model: type) -> None:
    given = {"email": "ada@example.org", "password": "x" * 1025}
    assert errors_of(model, given) == {"password": ["at most 1024 characters"]}


def test_a_profile_tells_what_was_sent_from_what_was_not() -> None:
    assert parse(ProfileBody, {}).changes() == {}
    body = parse(ProfileBody, {"name": None, "avatarUrl": "https://example.org/a.png", "unknown": 1})
    assert body.changes() == {"name": None, "avatar_url": "https://example.org/a.png"}


@pytest.mark.parametrize("url", ["http://a", "HTTPS://example.org:8443/a.png?x=1#y", "https://[2001:db8::1]/a", None])
def test_an_avatar_is_a_web_address_or_null(url: str | None) -> None:
    assert parse(ProfileBody, {"avatarUrl": url}).avatar_url == url


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org/a", "javascript:alert(1)", "https://", "https:///a", "//a", "https://a b", "a.png"]
)
def test_an_avatar_is_no_other_text(url: str) -> None:
    assert errors_of(ProfileBody, {"avatarUrl": url}) == {"avatarUrl": ["must be an http or https URL"]}


def test_an_avatars_address_has_at_most_500_characters() -> None:
    longest = "https://example.org/".ljust(500, "x")
    assert parse(ProfileBody, {"avatarUrl": longest}).avatar_url == longest
    assert errors_of(ProfileBody, {"avatarUrl": f"{longest}x"}) == {"avatarUrl": ["at most 500 characters"]}


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "US/Eastern", "Asia/Calcutta", "Etc/GMT+5"])
def test_a_timezone_may_be_an_alias(timezone: str) -> None:
    assert parse(ProfileBody, {"timezone": timezone}).timezone == timezone


@pytest.mark.parametrize("timezone", ["", "europe/berlin", "Mars/Olympus", "../../etc/passwd", "+02:00"])
def test_a_timezone_is_one_of_ianas(timezone: str) -> None:
    assert errors_of(ProfileBody, {"timezone": timezone}) == {
        "timezone": ["must be an IANA time zone like Europe/Berlin"]
    }


def test_all_timezones_fit_their_column() -> None:
    assert max(map(len, TIMEZONES)) <= 64


@pytest.mark.parametrize("field", ["timezone", "preferences"])
def test_some_fields_of_a_profile_may_not_be_null(field: str) -> None:
    assert list(errors_of(ProfileBody, {field: None})) == [field]


def test_preferences_keep_the_names_of_the_wire() -> None:
    sent = {
        "themeMode": "dark",
        "colorTheme": "ocean",
        "fontFamily": "inter",
        "workStartHour": 0,
        "workEndHour": 23,
        "homeTab": "calendar",
        "weekStartsOn": 1,
        "calendarViewMode": "3-day",
    }
    assert parse(ProfileBody, {"preferences": sent | {"unknown": 1}}).preferences.changes() == sent


@pytest.mark.parametrize(
    ("preference", "value"),
    [
        ("themeMode", "blue"),
        ("colorTheme", ""),
        ("fontFamily", "x" * 51),
        ("workStartHour", 24),
        ("workEndHour", -1),
        ("workEndHour", 9.5),
        ("workStartHour", None),
        ("homeTab", "home"),
        ("weekStartsOn", 2),
        ("weekStartsOn", True),
        ("calendarViewMode", "year"),
    ],
)
def test_a_preference_outside_its_range_is_refused(preference: str, value: object) -> None:
    assert list(errors_of(ProfileBody, {"preferences": {preference: value}})) == [f"preferences.{preference}"]

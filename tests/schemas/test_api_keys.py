"""What making and changing an API key may send."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from realtime_app.core.scopes import Scope
from realtime_app.errors import ValidationFailed
from realtime_app.schemas.api_keys import KeyBody, KeyChangesBody
from realtime_app.schemas.fields import parse


def errors_of(model: type, data: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ValidationFailed) as caught:
        parse(model, data)
    return caught.value.errors


def test_a_key_may_read_tasks_and_blocks_when_nothing_else_is_said() -> None:
    body = parse(KeyBody, {"name": "Agent"})
    assert (body.scopes, body.expires_at) == ([Scope.TASKS_READ, Scope.TIME_BLOCKS_READ], None)


def test_scopes_may_be_none_and_are_not_repeated() -> None:
    assert parse(KeyBody, {"name": "Agent", "scopes": []}).scopes == []
    repeated = ["user:read", "tasks:read", "user:read"]
    assert parse(KeyBody, {"name": "Agent", "scopes": repeated}).scopes == [Scope.USER_READ, Scope.TASKS_READ]


@pytest.mark.parametrize(
    ("expires_at", "meaning"),
    [
        (None, None),
        ("2026-12-24", date(2026, 12, 24)),
        ("2026-12-24T10:00:00+02:00", datetime(2026, 12, 24, 8, tzinfo=UTC)),
        ("2026-12-24T00:00:00.123456Z", datetime(2026, 12, 24, 0, 0, 0, 123_000, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("model", [KeyBody, KeyChangesBody])
def test_an_expiry_is_an_instant_or_a_day_or_null(
    model: type[KeyBody | KeyChangesBody], expires_at: str | None, meaning: date | datetime | None
) -> None:
    parsed = parse(model, {"name": "Agent", "expiresAt": expires_at}).expires_at
    assert (type(parsed), parsed) == (type(meaning), meaning)


@pytest.mark.parametrize("expires_at", ["", "2026-02-30", "2026-12-24T10:00:00", "tomorrow", 1766534400, True])
def test_an_expiry_is_nothing_else(expires_at: object) -> None:
    assert list(errors_of(KeyBody, {"name": "Agent", "expiresAt": expires_at})) == ["expiresAt"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": None}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"scopes": None}, "scopes"),
        ({"scopes": "tasks:read"}, "scopes"),
        ({"scopes": ["tasks:read", "tasks:delete"]}, "scopes.1"),
        ({"scopes": ["tasks:read"] * 101}, "scopes"),
    ],
)
@pytest.mark.parametrize("model", [KeyBody, KeyChangesBody])
def test_a_wrong_field_is_named(model: type, wrong: dict[str, Any], field: str) -> None:
    assert list(errors_of(model, {"name": "Agent"} | wrong)) == [field]


@pytest.mark.parametrize("value", [None, 1, "true"])
def test_a_key_is_active_or_not(value: object) -> None:
    assert list(errors_of(KeyChangesBody, {"isActive": value})) == ["isActive"]


def test_a_change_tells_what_was_sent_from_what_was_not() -> None:
    assert parse(KeyChangesBody, {}).changes() == {}
    assert parse(KeyChangesBody, {"expiresAt": None, "isActive": False}).changes() == {
        "expires_at": None,
        "is_active": False,
    }

"""API keys: made, listed, changed, deleted."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from realtime_app.auth.api_keys import hash_key, is_key
from realtime_app.errors import AccountGone, Conflict, NotFound, ValidationFailed
from realtime_app.schemas.api_keys import KeyBody, KeyChangesBody
from realtime_app.schemas.fields import parse
from realtime_app.schemas.users import ProfileBody
from realtime_app.services.api_keys import MAX_KEYS, change_key, create_key, delete_key, get_key, list_keys
from realtime_app.services.representations import JsonObject
from realtime_app.services.users import delete_user, update_profile
from realtime_app.store.engine import Database
from realtime_app.store.models import api_keys
from tests.auth.parts import make_key
from tests.planner import START, FakeClock, Planner


async def add_key(planner: Planner, **fields: Any) -> JsonObject:
    """What POST answers."""
    return await planner.transact(create_key, parse(KeyBody, {"name": "Agent"} | fields), planner.clock())


async def patch_key(planner: Planner, key_id: str, **fields: Any) -> JsonObject:
    return await planner.transact(change_key, key_id, parse(KeyChangesBody, fields), planner.clock())


async def move_to(planner: Planner, timezone: str) -> None:
    await planner.change(update_profile, parse(ProfileBody, {"timezone": timezone}))


@pytest.mark.gen_test
async def test_a_key_is_shown_once_and_kept_as_a_hash(database: Database, planner: Planner) -> None:
    created = await add_key(planner, scopes=["user:read"])
    key = created["key"]
    assert is_key(key)
    assert created["apiKey"] == {
        "id": created["apiKey"]["id"],
        "userId": planner.user_id,
        "name": "Agent",
        "keyPrefix": key[:11],
        "scopes": ["user:read"],
        "lastUsedAt": None,
        "expiresAt": None,
        "isActive": True,
        "createdAt": "2026-11-23T09:00:00.000Z",
        "updatedAt": "2026-11-23T09:00:00.000Z",
    }
    assert await planner.read(get_key, created["apiKey"]["id"]) == created["apiKey"]
    async with database.reading() as connection:
        stored = (await connection.execute(select(api_keys))).one()
    assert stored.key_hash == hash_key(key)
    assert key not in str(stored)


@pytest.mark.gen_test
async def test_keys_are_listed_newest_first(planner: Planner, stranger: Planner, clock: FakeClock) -> None:
    await add_key(stranger)
    for name in ("first", "second", "third"):
        await add_key(planner, name=name)
        clock.advance(seconds=1)
    assert [key["name"] for key in await planner.read(list_keys)] == ["third", "second", "first"]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("timezone", "day", "expires_at"),
    [
        ("UTC", "2026-12-24", "2026-12-24T23:59:59.999Z"),
        ("Europe/Berlin", "2026-12-24", "2026-12-24T22:59:59.999Z"),
        ("America/New_York", "2026-12-24", "2026-12-25T04:59:59.999Z"),
        ("Asia/Kolkata", "2026-12-24", "2026-12-24T18:29:59.999Z"),
        # Clocks go back from midnight to 23:00 there: the day's last hour comes twice, and the second one counts.
        ("America/Santiago", "2027-04-03", "2027-04-04T03:59:59.999Z"),
    ],
)
async def test_a_key_expires_at_the_end_of_the_users_day_when_a_day_is_given(
    planner: Planner, timezone: str, day: str, expires_at: str
) -> None:
    await move_to(planner, timezone)
    created = (await add_key(planner, expiresAt=day))["apiKey"]
    assert created["expiresAt"] == expires_at
    other = (await add_key(planner))["apiKey"]
    assert (await patch_key(planner, other["id"], expiresAt=day))["expiresAt"] == expires_at


@pytest.mark.gen_test
async def test_a_key_expires_at_the_instant_that_is_given(planner: Planner) -> None:
    created = (await add_key(planner, expiresAt="2026-12-24T10:00:00+02:00"))["apiKey"]
    assert created["expiresAt"] == "2026-12-24T08:00:00.000Z"
    assert (await patch_key(planner, created["id"], expiresAt=None))["expiresAt"] is None


@pytest.mark.gen_test
async def test_a_day_beyond_all_calendars_is_refused(planner: Planner) -> None:
    await move_to(planner, "America/New_York")
    with pytest.raises(ValidationFailed, match="expiresAt: is too far away"):
        await add_key(planner, expiresAt="9999-12-31")


@pytest.mark.gen_test
async def test_a_key_is_changed_field_by_field(planner: Planner, clock: FakeClock) -> None:
    key = (await add_key(planner))["apiKey"]
    clock.advance(minutes=1)
    changes = {"name": "Robot", "scopes": [], "isActive": False}
    changed = await patch_key(planner, key["id"], **changes)
    assert changed == key | changes | {"updatedAt": "2026-11-23T09:01:00.000Z"}
    assert await planner.read(get_key, key["id"]) == changed
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_nothing_happens_when_a_key_stays_as_it_is(planner: Planner, clock: FakeClock) -> None:
    key = (await add_key(planner, expiresAt="2026-12-24"))["apiKey"]
    clock.advance(minutes=1)
    same = {name: key[name] for name in ("name", "scopes", "isActive", "expiresAt")}
    assert await patch_key(planner, key["id"], **same) == key
    assert await patch_key(planner, key["id"]) == key
    assert await planner.read(get_key, key["id"]) == key


@pytest.mark.gen_test
async def test_a_deleted_key_is_gone(planner: Planner) -> None:
    deleted, kept = [(await add_key(planner))["apiKey"] for _ in range(2)]
    await planner.transact(delete_key, deleted["id"])
    assert await planner.read(list_keys) == [kept]
    with pytest.raises(NotFound):
        await planner.transact(delete_key, deleted["id"])


@pytest.mark.gen_test
async def test_another_users_key_is_not_found(planner: Planner, stranger: Planner) -> None:
    strangers = (await add_key(stranger))["apiKey"]
    for key_id in (strangers["id"], str(uuid4())):
        with pytest.raises(NotFound, match="API key not found"):
            await planner.read(get_key, key_id)
        with pytest.raises(NotFound):
            await patch_key(planner, key_id, name="Mine")
        with pytest.raises(NotFound):
            await patch_key(planner, key_id, expiresAt="2026-12-24")
        with pytest.raises(NotFound):
            await planner.transact(delete_key, key_id)
    assert await stranger.read(list_keys) == [strangers]


@pytest.mark.gen_test
async def test_a_user_has_a_hundred_keys_at_most_however_many_are_asked_for_at_once(
    database: Database, planner: Planner, stranger: Planner
) -> None:
    for _ in range(MAX_KEYS - 1):
        await make_key(database, planner.user_id, START)
    results = await asyncio.gather(*(add_key(planner) for _ in range(4)), return_exceptions=True)
    refusals = [result for result in results if isinstance(result, Conflict)]
    assert len(refusals) == 3
    assert "100 API keys" in refusals[0].message
    assert len(await planner.read(list_keys)) == MAX_KEYS
    await add_key(stranger)


@pytest.mark.gen_test
async def test_a_deleted_user_gets_no_key(planner: Planner) -> None:
    await planner.transact(delete_user)
    with pytest.raises(AccountGone):
        await add_key(planner)

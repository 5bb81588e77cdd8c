"""The user's own row, its event head and its profile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, text, update

from realtime_app.errors import AccountGone, Conflict
from realtime_app.schemas.fields import parse
from realtime_app.schemas.tasks import TaskBody
from realtime_app.schemas.users import ProfileBody
from realtime_app.services.representations import JsonObject
from realtime_app.services.tasks import create_task
from realtime_app.services.users import create_user, delete_user, get_user, set_password, update_profile
from realtime_app.store.engine import Database
from realtime_app.store.models import event_epochs, event_heads, metadata, sessions, users
from tests.auth.parts import log_in, make_key
from tests.planner import START, FakeClock, Planner
from tests.servers.postgres_server import PostgresServer

FILLED = {"themeMode": "system", "colorTheme": "default", "fontFamily": "geist"}


async def add_user(database: Database, email: str = "ada@example.org", name: str | None = None) -> JsonObject:
    async with database.writing() as connection:
        return await create_user(connection, email, "hash", name, START)


async def patch_profile(planner: Planner, **fields: Any) -> JsonObject:
    return await planner.change(update_profile, parse(ProfileBody, fields))


@pytest.mark.gen_test
async def test_a_user_starts_with_the_defaults(database: Database) -> None:
    user = await add_user(database, name="Ada")
    assert user == {
        "id": user["id"],
        "email": "ada@example.org",
        "name": "Ada",
        "avatarUrl": None,
        "timezone": "UTC",
        "preferences": None,
        "createdAt": "2026-11-23T09:00:00.000Z",
        "updatedAt": "2026-11-23T09:00:00.000Z",
    }


@pytest.mark.gen_test
async def test_a_users_log_starts_empty_in_the_epoch_of_the_database(database: Database) -> None:
    user = await add_user(database)
    async with database.reading() as connection:
        epoch = (await connection.execute(select(event_epochs.c.epoch))).scalar_one()
        head = (await connection.execute(select(event_heads))).one()
    assert head == (user["id"], 0, 0, epoch)


@pytest.mark.gen_test
async def test_an_email_is_taken_only_once(database: Database) -> None:
    await add_user(database)
    with pytest.raises(Conflict, match="email"):
        await add_user(database)
    await add_user(database, "grace@example.org")


@pytest.mark.postgres
@pytest.mark.gen_test
async def test_a_new_user_is_seen_by_a_change_of_the_epoch_that_waited_for_it(
    postgres_server: PostgresServer, postgres_template: str
) -> None:
    database = Database(postgres_server.fresh_database(postgres_template))
    new_epoch = "00000000-0000-4000-8000-000000000000"

    async def change_epoch() -> None:
        async with database.writing() as connection:
            await connection.execute(update(event_epochs).values(epoch=new_epoch))
            await connection.execute(update(event_heads).values(epoch=new_epoch))

    async with database.writing() as connection:
        await create_user(connection, "ada@example.org", "hash", None, START)
        changing = asyncio.create_task(change_epoch())
        await _wait_until_blocked(database)
    await changing
    async with database.reading() as connection:
        assert (await connection.execute(select(event_heads.c.epoch))).scalar_one() == new_epoch
    await database.close()


async def _wait_until_blocked(database: Database) -> None:
    """Until some statement of this database waits for a lock."""
    blocked = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with asyncio.timeout(10):
        while True:
            async with database.lookup() as connection:
                if (await connection.execute(blocked)).first():
                    return
            await asyncio.sleep(0.01)


@pytest.mark.gen_test
async def test_a_profile_is_changed_field_by_field(planner: Planner, clock: FakeClock) -> None:
    before = await planner.read(get_user)
    clock.advance(minutes=1)
    after = await patch_profile(planner, name="Ada", avatarUrl="https://example.org/a.png", timezone="US/Eastern")
    assert after == before | {
        "name": "Ada",
        "avatarUrl": "https://example.org/a.png",
        "timezone": "US/Eastern",
        "updatedAt": "2026-11-23T09:01:00.000Z",
    }
    assert await planner.read(get_user) == after
    assert planner.new_events() == [("user:updated", {"fields": ["name", "avatarUrl", "timezone"]})]
    assert (await patch_profile(planner, name=None, avatarUrl=None))["name"] is None


@pytest.mark.gen_test
@pytest.mark.parametrize("fields", [{}, {"name": None}, {"timezone": "UTC"}, {"name": None, "timezone": "UTC"}])
async def test_nothing_happens_when_a_profile_stays_as_it_is(
    planner: Planner, clock: FakeClock, fields: dict[str, Any]
) -> None:
    before = await planner.read(get_user)
    clock.advance(minutes=1)
    assert await patch_profile(planner, **fields) == before
    assert await planner.read(get_user) == before
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_the_first_preferences_are_filled_up(planner: Planner) -> None:
    preferences = FILLED | {"themeMode": "dark", "workStartHour": 8}
    user = await patch_profile(planner, preferences={"themeMode": "dark", "workStartHour": 8})
    assert user["preferences"] == preferences
    assert planner.new_events() == [("user:updated", {"fields": ["preferences"], "preferences": preferences})]


@pytest.mark.gen_test
async def test_preferences_are_merged_key_by_key(planner: Planner) -> None:
    await patch_profile(planner, preferences={"colorTheme": "ocean", "homeTab": "board"})
    planner.new_events()
    merged = FILLED | {"colorTheme": "ocean", "homeTab": "tasks", "weekStartsOn": 1}
    user = await patch_profile(planner, name="Ada", preferences={"homeTab": "tasks", "weekStartsOn": 1})
    assert user["preferences"] == merged
    assert planner.new_events() == [("user:updated", {"fields": ["name", "preferences"], "preferences": merged})]


@pytest.mark.gen_test
async def test_nothing_happens_when_preferences_stay_as_they_are(planner: Planner) -> None:
    before = await patch_profile(planner, preferences={"homeTab": "board"})
    planner.new_events()
    assert await patch_profile(planner, preferences={"homeTab": "board"}) == before
    assert await patch_profile(planner, preferences={}) == before
    assert planner.new_events() == []


@pytest.mark.gen_test
async def test_changes_of_one_profile_at_the_same_time_are_all_kept(planner: Planner) -> None:
    await asyncio.gather(
        patch_profile(planner, preferences={"homeTab": "tasks"}),
        patch_profile(planner, preferences={"workStartHour": 7}),
        patch_profile(planner, preferences={"workEndHour": 15}),
    )
    user = await planner.read(get_user)
    assert user["preferences"] == FILLED | {"homeTab": "tasks", "workStartHour": 7, "workEndHour": 15}


@pytest.mark.gen_test
async def test_a_new_password_ends_all_sessions_but_the_kept_one(
    database: Database, planner: Planner, stranger: Planner
) -> None:
    kept, *others = [(await log_in(database, planner.user_id, START)).session_id for _ in range(3)]
    strangers = (await log_in(database, stranger.user_id, START)).session_id
    assert await planner.transact(set_password, "new hash", keep_session_id=kept) == len(others)
    async with database.reading() as connection:
        assert set((await connection.execute(select(sessions.c.id))).scalars()) == {kept, strangers}
        stored = select(users.c.password_hash).where(users.c.id == planner.user_id)
        assert (await connection.execute(stored)).scalar_one() == "new hash"


@pytest.mark.gen_test
async def test_a_new_password_ends_every_session_when_none_is_kept(database: Database, planner: Planner) -> None:
    await log_in(database, planner.user_id, START)
    assert await planner.transact(set_password, "new hash") == 1
    async with database.reading() as connection:
        assert (await connection.execute(select(sessions.c.id))).all() == []


@pytest.mark.gen_test
async def test_nothing_of_a_deleted_user_is_left(database: Database, planner: Planner, stranger: Planner) -> None:
    for owner in (planner, stranger):
        await owner.change(create_task, parse(TaskBody, {"title": "Write"}))
        await log_in(database, owner.user_id, START)
        await make_key(database, owner.user_id, START)
    await planner.transact(delete_user)
    async with database.reading() as connection:
        for table in metadata.sorted_tables:
            if "user_id" in table.c:
                assert set((await connection.execute(select(table.c.user_id))).scalars()) <= {stranger.user_id}
        assert (await connection.execute(select(users.c.id))).scalars().all() == [stranger.user_id]


@pytest.mark.gen_test
async def test_a_deleted_user_can_do_nothing_more(planner: Planner) -> None:
    await planner.transact(delete_user)
    with pytest.raises(AccountGone):
        await planner.read(get_user)
    with pytest.raises(AccountGone):
        await patch_profile(planner, name="Ada")
    with pytest.raises(AccountGone):
        await planner.transact(set_password, "new hash")
    with pytest.raises(AccountGone):
        await planner.transact(delete_user)


@pytest.mark.gen_test
async def test_writes_and_a_deletion_at_the_same_time_do_not_deadlock(planner: Planner) -> None:
    results = await asyncio.gather(
        *(patch_profile(planner, name=str(number)) for number in range(5)),
        planner.transact(delete_user),
        *(patch_profile(planner, name=str(number)) for number in range(5, 10)),
        return_exceptions=True,
    )
    failures = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(failure, AccountGone) for failure in failures)
    with pytest.raises(AccountGone):
        await planner.read(get_user)

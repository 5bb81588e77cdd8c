"""Registering, logging in, changing the password, deleting the account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from tornado.ioloop import IOLoop

from realtime_app.auth.passwords import Passwords
from realtime_app.errors import (
    AccountGone,
    Conflict,
    LoginFailed,
    RegistrationClosed,
    SessionEnded,
    ValidationFailed,
)
from realtime_app.schemas.fields import parse
from realtime_app.schemas.users import LoginBody, PasswordChangeBody, RegisterBody
from realtime_app.services.accounts import Accounts, Login
from realtime_app.services.sessions import MAX_SESSIONS, log_out
from realtime_app.store.engine import Database
from realtime_app.store.models import sessions, users
from tests.auth.parts import LIFETIME, cheap_hasher, log_in, token_codec
from tests.planner import START, FakeClock

EMAIL, PASSWORD, NEW_PASSWORD = "ada@example.org", "Correct1horse", "Battery2staple"
ACCOUNT = {"email": EMAIL, "password": PASSWORD}
TOKENS = token_codec()

MakeAccounts = Callable[..., Accounts]


class PausingHasher(PasswordHasher):
    """Pauses between comparing a password and telling the outcome, until `go_on` is set."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared = Event()
        self.go_on = Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        is_right = super().verify(hash, password)
        self.compared.set()
        assert self.go_on.wait(timeout=10)
        return is_right


@pytest.fixture
def make_accounts(io_loop: IOLoop, database: Database, clock: FakeClock) -> Iterator[MakeAccounts]:
    """Accounts over one database, as different processes or later versions may run them."""
    made: list[Passwords] = []

    def make(*, hasher: PasswordHasher | None = None, is_open: bool = True) -> Accounts:
        passwords = Passwords(hasher or cheap_hasher())
        made.append(passwords)
        return Accounts(
            database,
            passwords,
            TOKENS,
            session_max_age=timedelta(days=90),
            registration_is_open=is_open,
            clock=clock,
        )

    yield make
    for passwords in made:
        io_loop.run_sync(passwords.close)


@pytest.fixture
def accounts(make_accounts: MakeAccounts) -> Accounts:
    return make_accounts()


@pytest.fixture
def ada(io_loop: IOLoop, accounts: Accounts) -> Login:
    """A user who has just registered."""
    body = parse(RegisterBody, ACCOUNT)
    return io_loop.run_sync(lambda: accounts.register(body, "Firefox"))


async def enter(accounts: Accounts, password: str = PASSWORD, email: str = EMAIL) -> Login:
    return await accounts.log_in(parse(LoginBody, {"email": email, "password": password}), "Firefox")


async def change(accounts: Accounts, login: Login, old: str = PASSWORD, new: str = NEW_PASSWORD) -> None:
    body = parse(PasswordChangeBody, {"currentPassword": old, "newPassword": new})
    await accounts.change_password(login.user["id"], session_of(login), body)


def session_of(login: Login) -> str:
    return TOKENS.decode(login.token, START).session_id


async def standing_sessions(database: Database) -> set[str]:
    async with database.reading() as connection:
        return set((await connection.execute(select(sessions.c.id))).scalars())


async def stored_hash(database: Database) -> str:
    async with database.reading() as connection:
        stored: str = (await connection.execute(select(users.c.password_hash))).scalar_one()
    return stored


@pytest.mark.gen_test
async def test_who_registers_is_logged_in(accounts: Accounts, database: Database, ada: Login) -> None:
    claims = TOKENS.decode(ada.token, START)
    assert (ada.user["email"], ada.user["id"]) == (EMAIL, claims.user_id)
    assert claims.expires_at == START + LIFETIME
    async with database.reading() as connection:
        session = (await connection.execute(select(sessions))).one()
    assert (session.id, session.user_id, session.name) == (claims.session_id, claims.user_id, "Firefox")
    assert (session.last_used_at, session.expires_at) == (START, START + LIFETIME)


@pytest.mark.gen_test
async def test_a_password_is_stored_as_an_argon2id_hash(database: Database, ada: Login) -> None:
    assert (await stored_hash(database)).startswith("$argon2id$")


@pytest.mark.gen_test
async def test_an_email_registers_once_also_when_tried_at_the_same_time(accounts: Accounts, database: Database) -> None:
    body = parse(RegisterBody, ACCOUNT)
    tries = [accounts.register(body, "Firefox") for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(Conflict) == 3
    assert len(await standing_sessions(database)) == 1


@pytest.mark.gen_test
async def test_nobody_registers_when_registration_is_closed(make_accounts: MakeAccounts, ada: Login) -> None:
    closed = make_accounts(is_open=False)
    with pytest.raises(RegistrationClosed):
        await closed.register(parse(RegisterBody, ACCOUNT | {"email": "grace@example.org"}), "Firefox")
    assert (await enter(closed)).user == ada.user


@pytest.mark.gen_test
async def test_each_login_is_a_session_of_its_own(accounts: Accounts, database: Database, ada: Login) -> None:
    login = await enter(accounts)
    assert (login.user, login.has_ended_others) == (ada.user, False)
    assert await standing_sessions(database) == {session_of(ada), session_of(login)}


@pytest.mark.gen_test
async def test_an_unknown_email_and_a_wrong_password_are_told_apart_by_nobody(accounts: Accounts, ada: Login) -> None:
    with pytest.raises(LoginFailed) as wrong_password:
        await enter(accounts, password="correct1horse")
    with pytest.raises(LoginFailed) as unknown_email:
        await enter(accounts, email="grace@example.org")
    assert wrong_password.value.message == unknown_email.value.message


@pytest.mark.gen_test
async def test_a_password_is_hashed_anew_at_a_login_after_the_parameters_changed(
    make_accounts: MakeAccounts, database: Database, ada: Login
) -> None:
    before = await stored_hash(database)
    stricter = make_accounts(hasher=PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    await asyncio.gather(*(enter(stricter) for _ in range(3)))
    after = await stored_hash(database)
    assert ("t=1" in before, "t=2" in after) == (True, True)
    await enter(stricter)
    assert await stored_hash(database) == after


@pytest.mark.gen_test
async def test_the_least_used_session_ends_when_there_are_too_many(
    accounts: Accounts, database: Database, clock: FakeClock, ada: Login
) -> None:
    clock.advance(seconds=1)
    for _ in range(MAX_SESSIONS - 1):
        await log_in(database, ada.user["id"], clock())
    assert (await enter(accounts)).has_ended_others
    assert session_of(ada) not in await standing_sessions(database)


@pytest.mark.gen_test
async def test_a_refreshed_token_is_of_the_same_session(accounts: Accounts, clock: FakeClock, ada: Login) -> None:
    clock.advance(days=1)
    refreshed = await accounts.refresh(ada.user["id"], session_of(ada))
    claims = TOKENS.decode(refreshed.token, clock())
    assert refreshed.user == ada.user
    assert (claims.session_id, claims.expires_at) == (session_of(ada), clock() + LIFETIME)


@pytest.mark.gen_test
async def test_an_ended_session_is_not_refreshed(accounts: Accounts, database: Database, ada: Login) -> None:
    async with database.writing() as connection:
        await log_out(connection, ada.user["id"], session_of(ada))
    with pytest.raises(SessionEnded):
        await accounts.refresh(ada.user["id"], session_of(ada))


@pytest.mark.gen_test
async def test_a_changed_password_ends_the_other_sessions(accounts: Accounts, database: Database, ada: Login) -> None:
    for _ in range(2):
        await enter(accounts)
    await change(accounts, ada)
    assert await standing_sessions(database) == {session_of(ada)}
    with pytest.raises(LoginFailed):
        await enter(accounts, PASSWORD)
    await enter(accounts, NEW_PASSWORD)


@pytest.mark.gen_test
async def test_a_password_is_not_changed_without_the_current_one(
    accounts: Accounts, database: Database, ada: Login
) -> None:
    other = await enter(accounts)
    with pytest.raises(ValidationFailed) as refused:
        await change(accounts, ada, old="wrong")
    assert refused.value.errors == {"currentPassword": ["is wrong"]}
    assert await standing_sessions(database) == {session_of(ada), session_of(other)}
    await enter(accounts, PASSWORD)


@pytest.mark.gen_test
async def test_one_of_two_changes_of_a_password_at_the_same_time_counts(accounts: Accounts, ada: Login) -> None:
    news = ["Battery2staple", "Battery3staple"]
    results = await asyncio.gather(*(change(accounts, ada, new=new) for new in news), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "ValidationFailed"]
    await enter(accounts, news[results.index(None)])


@pytest.mark.gen_test
async def test_a_login_that_was_verified_before_the_password_changed_fails_after_it(
    accounts: Accounts, make_accounts: MakeAccounts, database: Database, ada: Login
) -> None:
    hasher = PausingHasher()
    entering = asyncio.create_task(enter(make_accounts(hasher=hasher)))
    await asyncio.to_thread(hasher.compared.wait, 10)
    await change(accounts, ada)
    hasher.go_on.set()
    with pytest.raises(LoginFailed):
        await entering
    assert await standing_sessions(database) == {session_of(ada)}


@pytest.mark.gen_test
async def test_an_account_is_deleted_with_its_password(accounts: Accounts, database: Database, ada: Login) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await accounts.delete(ada.user["id"], "wrong")
    assert refused.value.errors == {"password": ["is wrong"]}
    await accounts.delete(ada.user["id"], PASSWORD)
    assert await standing_sessions(database) == set()
    with pytest.raises(LoginFailed):
        await enter(accounts)
    with pytest.raises(AccountGone):
        await accounts.delete(ada.user["id"], PASSWORD)


@pytest.mark.gen_test
async def test_an_email_is_free_again_when_its_account_is_deleted(accounts: Accounts, ada: Login) -> None:
    await accounts.delete(ada.user["id"], PASSWORD)
    again = await accounts.register(parse(RegisterBody, ACCOUNT), "Firefox")
    assert again.user["id"] != ada.user["id"]

"""The text of API keys, and the rows that it leads to."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from realtime_app.auth.api_keys import KEY_START, hash_key, is_key, load_keys, new_key
from realtime_app.core.scopes import Scope
from realtime_app.store.engine import Database
from tests.auth.parts import make_key
from tests.planner import START, Planner
from tests.statements import sent_to


def test_a_new_key_looks_like_one_and_is_never_the_same() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(is_key(key) and key.startswith(KEY_START) for key in keys)


@pytest.mark.parametrize(
    "text",
    ["", "os_", "os_" + "g" * 32, "os_" + "0" * 31, "os_" + "0" * 33, "OS_" + "0" * 32, "os_" + "0" * 32 + "\n"],
)
def test_other_text_is_no_key(text: str) -> None:
    assert not is_key(text)


def test_a_key_is_hashed_with_sha_256() -> None:
    assert hash_key("os_" + "0" * 32) == sha256(b"os_" + b"0" * 32).hexdigest()


@pytest.mark.gen_test
async def test_keys_are_loaded_by_hash(database: Database, planner: Planner) -> None:
    key_id, key = await make_key(database, planner.user_id, START, scopes=("user:read", "tasks:write"))
    async with database.lookup() as connection:
        loaded = await load_keys(connection, [hash_key(key), hash_key(new_key())])
    record = loaded.pop(hash_key(key))
    assert not loaded
    assert (record.id, record.user_id, record.name) == (key_id, planner.user_id, "Agent")
    assert record.scopes == {Scope.USER_READ, Scope.TASKS_WRITE}


@pytest.mark.gen_test
async def test_the_statement_is_the_same_for_any_number_of_keys(database: Database) -> None:
    async with database.lookup() as connection:
        with sent_to(database) as sent:
            for count in (1, 3, 500):
                await load_keys(connection, [hash_key(new_key()) for _ in range(count)])
    assert len(sent) == 3
    assert len({statement for statement, _ in sent}) == 1


@pytest.mark.gen_test
async def test_a_key_holds_while_it_is_active_and_not_expired(database: Database, planner: Planner) -> None:
    texts = [
        (await make_key(database, planner.user_id, START, is_active=is_active, expires_at=expires_at))[1]
        for is_active, expires_at in [
            (True, None),
            (True, START + timedelta(milliseconds=1)),
            (True, START),
            (False, None),
        ]
    ]
    async with database.lookup() as connection:
        loaded = await load_keys(connection, [hash_key(text) for text in texts])
    assert [loaded[hash_key(text)].holds(START) for text in texts] == [True, True, False, False]

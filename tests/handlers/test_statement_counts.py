"""How many statements a request takes: the database's work, and most of the server's, grows with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app import Account, RunningApp
from tests.statements import statements_of

LOCK = "UPDATE event_heads"


@pytest.fixture
def account(app: RunningApp, io_loop: Any) -> Account:
    """Known to the cache of credentials: its requests look no session up."""

    async def register() -> Account:
        account = await app.register()
        await app.get("/auth/me", token=account.token)
        return account

    made: Account = io_loop.run_sync(register)
    return made


async def sent_by(app: RunningApp, method: str, path: str, account: Account, json: Any = None) -> list[str]:
    """The statements of one request that succeeds."""
    with statements_of(app.application.database) as statements:
        answer = await app.fetch(method, path, json=json, token=account.token)
    assert answer.status < 300, answer.body
    return statements


async def add_tasks(app: RunningApp, account: Account, count: int = 1) -> list[str]:
    answers = [await app.post("/tasks", json={"title": "Write"}, token=account.token) for _ in range(count)]
    return [answer.data["id"] for answer in answers]


def write_of(app: RunningApp, first: str, *more: str) -> list[str]:
    """The statement that changes rows and the event: one where the database can take both in one."""
    if app.application.database.is_sqlite:
        return [first, *more, "INSERT events", "COMMIT"]
    return ["WITH recorded", *more, "COMMIT"]


@pytest.mark.gen_test
async def test_a_creation_takes_the_lock_and_one_write(app: RunningApp, account: Account) -> None:
    block = {"title": "Write", "date": "2026-11-23", "startTime": "09:00", "endTime": "10:00"}

    creation = await sent_by(app, "POST", "/tasks", account, {"title": "Write"})
    block_creation = await sent_by(app, "POST", "/time-blocks", account, block)

    assert creation == [LOCK, *write_of(app, "INSERT tasks")]
    assert block_creation == [LOCK, *write_of(app, "INSERT time_blocks")]


@pytest.mark.gen_test
async def test_a_change_takes_the_lock_one_read_and_one_write(app: RunningApp, account: Account) -> None:
    (task_id,) = await add_tasks(app, account)
    expected = [LOCK, "SELECT tasks.id,", *write_of(app, "UPDATE tasks")]

    assert await sent_by(app, "PATCH", f"/tasks/{task_id}", account, {"title": "Read"}) == expected
    assert await sent_by(app, "POST", f"/tasks/{task_id}/complete", account) == expected


@pytest.mark.gen_test
async def test_a_change_that_changes_nothing_writes_and_commits_nothing(app: RunningApp, account: Account) -> None:
    (task_id,) = await add_tasks(app, account)

    change = await sent_by(app, "PATCH", f"/tasks/{task_id}", account, {"title": "Write"})

    assert change == [LOCK, "SELECT tasks.id,"]


@pytest.mark.gen_test
async def test_an_order_of_tasks_takes_as_many_statements_for_many_as_for_two(
    app: RunningApp, account: Account
) -> None:
    ids = await add_tasks(app, account, 20)

    places, bucket = "SELECT anon_1.id,", "SELECT tasks.id,"
    expected = [LOCK, places, *write_of(app, "UPDATE tasks", bucket)]

    for count in (2, 20):
        body = {"date": "backlog", "taskIds": ids[-count:][::-1]}
        assert await sent_by(app, "POST", "/tasks/reorder", account, body) == expected


@pytest.mark.gen_test
async def test_a_list_takes_the_position_the_rows_and_at_most_their_number(app: RunningApp, account: Account) -> None:
    (task_id, *_) = await add_tasks(app, account, 3)
    position, rows = "SELECT h.user_id,", "SELECT tasks.id,"

    assert await sent_by(app, "GET", "/tasks", account) == [position, rows]
    assert await sent_by(app, "GET", "/tasks?limit=2", account) == [position, rows, "SELECT count(*)"]
    assert await sent_by(app, "GET", f"/tasks/{task_id}", account) == [position, rows]

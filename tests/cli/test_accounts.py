"""Accounts and keys made by an administrator, and used over the API."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from realtime_app.broker.factory import broker_from_url
from realtime_app.core.channels import CONTROL
from realtime_app.core.control import CredentialsChanged
from tests.app import SECRET, RunningApp, given_settings
from tests.broker.recording_listener import RecordingListener
from tests.cli.conftest import Run
from tests.servers.redis_server import RedisServer

PASSWORD = "Correct-Horse-7"
EMAIL = "admin@example.org"


@pytest.fixture
def app(io_loop: IOLoop, tmp_path: Path, migrated: Path) -> Iterator[RunningApp]:
    """A server on the database of the commands."""
    running = RunningApp(
        given_settings(tmp_path, database_url=f"sqlite+aiosqlite:///{migrated}", registration="closed")
    )
    io_loop.run_sync(running.start)
    yield running
    io_loop.run_sync(running.close)


async def log_in(app: RunningApp, password: str) -> int:
    return (await app.post("/auth/login", json={"email": EMAIL, "password": password})).status


@pytest.mark.gen_test
async def test_a_user_who_was_created_can_log_in_also_where_registration_is_closed(app: RunningApp, run: Run) -> None:
    ended = run("create-user", EMAIL, "--name", "Admin", stdin=f"{PASSWORD}\n")
    assert (ended.code, ended.errors) == (0, "")
    assert EMAIL in ended.output
    assert PASSWORD not in ended.output
    answer = await app.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
    assert answer.data["user"]["name"] == "Admin"


@pytest.mark.gen_test
async def test_a_key_alone_is_printed_and_works(app: RunningApp, run: Run) -> None:
    run("create-user", EMAIL, stdin=PASSWORD)
    ended = run("create-api-key", EMAIL, "--name", "agent", "--scope", "tasks:read", "--expires", "2099-12-31")
    assert ended.code == 0
    key = ended.output.removesuffix("\n")
    assert (await app.get("/tasks", key=key)).status == 200
    assert (await app.get("/time-blocks", key=key)).error["code"] == "AUTHORIZATION_ERROR"


@pytest.mark.gen_test
async def test_a_reset_password_ends_all_sessions(app: RunningApp, run: Run) -> None:
    run("create-user", EMAIL, stdin=PASSWORD)
    token = (await app.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})).data["token"]
    ended = run("reset-password", EMAIL.upper(), stdin="Other-Horse-8\n")
    assert (ended.code, ended.output) == (0, "the password is changed; sessions ended: 1\n")
    assert (await app.get("/auth/me", token=token)).status == 401
    assert await log_in(app, PASSWORD) == 401
    assert await log_in(app, "Other-Horse-8") == 200


@pytest.mark.gen_test
async def test_a_reset_password_says_which_keys_still_hold_and_can_deactivate_them(app: RunningApp, run: Run) -> None:
    run("create-user", EMAIL, stdin=PASSWORD)
    key = run("create-api-key", EMAIL, "--name", "agent").output.strip()
    run("create-api-key", EMAIL, "--name", "expired", "--expires", "2020-01-01")
    kept = run("reset-password", EMAIL, stdin="Other-Horse-8\n")
    assert kept.output.splitlines()[1:] == ["API keys that still hold: 1; --deactivate-keys ends them"]
    assert (await app.get("/tasks", key=key)).status == 200
    # The loop goes on: that the key was used may still be on its way into the row that the command changes.
    ended = await asyncio.to_thread(run, "reset-password", EMAIL, "--deactivate-keys", stdin="Other-Horse-9\n")
    assert ended.output.splitlines()[1:] == ["API keys deactivated: 2"]
    app.application.authenticator.forget_user((await user_of(app, "Other-Horse-9"))["id"])
    assert (await app.get("/tasks", key=key)).status == 401


async def user_of(app: RunningApp, password: str) -> dict[str, Any]:
    user: dict[str, Any] = (await app.post("/auth/login", json={"email": EMAIL, "password": password})).data["user"]
    return user


@pytest.mark.redis
@pytest.mark.gen_test
async def test_running_processes_are_told_when_a_password_is_reset(
    app: RunningApp, run: Run, shared_redis_server: RedisServer
) -> None:
    run("create-user", EMAIL, stdin=PASSWORD)
    user = (await app.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})).data["user"]
    broker = broker_from_url(shared_redis_server.url, prefix="reset:")
    listener = RecordingListener(broker)
    broker.subscribe(CONTROL)
    await broker.start()
    await listener.until_up()

    redis = {"REDIS_URL": shared_redis_server.url, "REDIS_PREFIX": "reset:", "JWT_SECRET": SECRET}
    assert run("reset-password", EMAIL, stdin="Other-Horse-8\n", **redis).code == 0

    await listener.until_message((CONTROL, CredentialsChanged(user["id"]).encode()))
    await broker.close()


@pytest.mark.parametrize(
    ("arguments", "stdin", "why"),
    [
        (["create-user", EMAIL], PASSWORD, "An account with this email address exists already"),
        (["create-user", "nobody"], PASSWORD, "email: must be an email address"),
        (["create-user", "b@example.org"], "short", "password: at least 8 characters"),
        (["create-user", "b@example.org"], "", "password: at least 8 characters"),
        (["reset-password", "b@example.org"], PASSWORD, "User not found"),
        (["reset-password", EMAIL], "weakweak", "password: needs an upper-case letter"),
        (["create-api-key", "b@example.org", "--name", "x"], "", "User not found"),
        (["create-api-key", EMAIL, "--name", ""], "", "name: must not be empty"),
        (["create-api-key", EMAIL, "--name", "x", "--expires", "soon"], "", "expiresAt: "),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(
    run: Run, migrated: Path, arguments: list[str], stdin: str, why: str
) -> None:
    run("create-user", EMAIL, stdin=PASSWORD)
    ended = run(*arguments, stdin=stdin)
    assert (ended.code, ended.output) == (1, "")
    assert ended.errors.startswith(f"Error: {why}")
    assert ended.errors.count("\n") == 1


def test_an_unknown_scope_is_wrong_usage(run: Run, migrated: Path) -> None:
    ended = run("create-api-key", EMAIL, "--name", "x", "--scope", "everything")
    assert ended.code == 2
    assert "tasks:read" in ended.errors


def test_without_a_migrated_database_it_is_said_what_to_do(run: Run, tmp_path: Path) -> None:
    ended = run("create-user", EMAIL, stdin=PASSWORD)
    assert ended.code == 4
    assert ended.errors.endswith("run realtime-app migrate\n")
    assert not (tmp_path / "var" / "realtime.db").exists()

"""The line breaks during COMMIT: what came of it is found out and answered, and never done twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.app import Answer
from tests.faults.cluster import Cluster
from tests.faults.conftest import OpenTab
from tests.faults.rest import Rest
from tests.faults.verdict import read_logs
from tests.servers.tcp_proxy import ProxiedConnection, TcpProxy

AT_COMMIT_SECONDS = 0.2
FINDING_OUT_SECONDS = 3.0

pytestmark = pytest.mark.faults


def at_commit(link: TcpProxy, title: str, do: Callable[[ProxiedConnection], None]) -> None:
    """Calls `do` when the COMMIT of the task with this title has reached the proxy, and the database hasn't seen it."""
    writing: list[ProxiedConnection] = []

    def watch(connection: ProxiedConnection, data: bytes) -> None:
        if title.encode() in data:
            writing.append(connection)
        elif connection in writing and b"COMMIT;" in data:
            link.on_request = lambda connection, data: None
            do(connection)

    link.on_request = watch


async def stored(cluster: Cluster, user_id: str) -> tuple[list[int], list[str]]:
    """The ids of the user's log, and the titles of the tasks."""
    log = (await read_logs(cluster.database))[user_id]
    return log.ids, [title for title, _ in log.tasks.values()]


@pytest.mark.gen_test(timeout=60)
async def test_a_commit_whose_answer_was_lost_is_found_and_answered_as_done(
    cluster: Cluster, rest: Rest, open_tab: OpenTab
) -> None:
    app, person = cluster.apps[0], await cluster.add_person()
    tab = await open_tab(person, app.port)

    def lose_answer(connection: ProxiedConnection) -> None:
        connection.swallows_answers = True
        asyncio.get_running_loop().call_later(AT_COMMIT_SECONDS, connection.cut)

    at_commit(app.database_link, "once", lose_answer)
    answer = await rest.add_task(app, person, "once")
    assert (answer.status, answer.headers["Last-Event-Id"]) == (201, "1")
    assert await stored(cluster, person.user_id) == ([1], ["once"])
    await tab.until_at(1)


@pytest.mark.gen_test(timeout=60)
async def test_a_commit_that_never_arrived_is_answered_as_not_done(
    cluster: Cluster, rest: Rest, open_tab: OpenTab
) -> None:
    app, person = cluster.apps[0], await cluster.add_person()
    tab = await open_tab(person, app.port)
    at_commit(app.database_link, "never", ProxiedConnection.cut)
    answer = await rest.add_task(app, person, "never")
    assert (answer.status, answer.error["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert "Retry-After" in answer.headers
    assert await stored(cluster, person.user_id) == ([], [])

    assert (await rest.add_task(app, person, "next")).headers["Last-Event-Id"] == "1"
    await tab.until_at(1)


@pytest.mark.gen_test(timeout=60)
async def test_a_commit_that_is_still_under_way_is_waited_for(cluster: Cluster, rest: Rest, open_tab: OpenTab) -> None:
    app, person = cluster.apps[0], await cluster.add_person()
    tab = await open_tab(person, app.port)

    def arrive_late(connection: ProxiedConnection) -> None:
        connection.stall()
        connection.hang_up_on_client()
        asyncio.get_running_loop().call_later(1, connection.resume)

    at_commit(app.database_link, "late", arrive_late)
    began = time.monotonic()
    answer = await rest.add_task(app, person, "late")
    assert answer.status == 201, answer.body
    assert time.monotonic() - began >= 1
    assert await stored(cluster, person.user_id) == ([1], ["late"])
    await tab.until_at(1)


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("is_committed", [True, False], ids=["committed", "rolled back"])
async def test_a_commit_whose_outcome_stays_unknown_is_said_to_be_unknown(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, is_committed: bool, record_table: list[str]
) -> None:
    app, other, _ = cluster.apps
    person = await cluster.add_person()
    tabs = [await open_tab(person, app.port), await open_tab(person, other.port)]

    def lose_everything(connection: ProxiedConnection) -> None:
        def cut() -> None:
            connection.cut()
            app.database_link.stall()

        connection.swallows_answers = True
        if is_committed:
            asyncio.get_running_loop().call_later(AT_COMMIT_SECONDS, cut)
        else:
            cut()

    at_commit(app.database_link, "perhaps", lose_everything)
    began = time.monotonic()
    answer = await rest.add_task(app, person, "perhaps")
    seconds = time.monotonic() - began
    record_table.append(f"commit of unknown outcome: answered after {seconds:.1f} s")
    assert_unknown(answer)
    assert seconds < FINDING_OUT_SECONDS + 2
    app.database_link.cut()

    assert (await rest.add_task(other, person, "next")).status == 201
    expected = ["perhaps", "next"] if is_committed else ["next"]
    ids, titles = await stored(cluster, person.user_id)
    assert (ids, sorted(titles)) == (list(range(1, len(expected) + 1)), sorted(expected))
    for tab in tabs:
        await tab.until_at(ids[-1])
        assert tab.record.ids == ids


def assert_unknown(answer: Answer) -> None:
    assert (answer.status, answer.error["code"]) == (503, "COMMIT_UNKNOWN")
    assert "Retry-After" not in answer.headers


DEADLOCKED_LOOK = """
    CREATE FUNCTION deadlock() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '40P01'; END $$;
    ALTER TABLE events RENAME TO real_events;
    CREATE VIEW events AS SELECT * FROM real_events WHERE deadlock();
"""
PLAIN_LOOK = "DROP VIEW events; ALTER TABLE real_events RENAME TO events; DROP FUNCTION deadlock()"


@pytest.mark.gen_test(timeout=60)
async def test_the_work_is_not_done_again_when_the_look_after_its_commit_meets_a_deadlock(
    cluster: Cluster, rest: Rest
) -> None:
    app, person = cluster.apps[0], await cluster.add_person()
    looks: list[asyncio.Task[None]] = []

    def lose_answer(connection: ProxiedConnection) -> None:
        async def spoil_look_and_cut() -> None:
            await asyncio.sleep(AT_COMMIT_SECONDS)
            await cluster.ask_database(DEADLOCKED_LOOK, own=True)
            connection.cut()

        connection.swallows_answers = True
        looks.append(asyncio.create_task(spoil_look_and_cut()))

    at_commit(app.database_link, "once", lose_answer)
    try:
        assert_unknown(await rest.add_task(app, person, "once"))
    finally:
        await asyncio.gather(*looks)
        await cluster.ask_database(PLAIN_LOOK, own=True)
    assert await stored(cluster, person.user_id) == ([1], ["once"])

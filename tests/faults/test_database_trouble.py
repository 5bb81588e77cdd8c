"""The database goes away and comes back: nothing is claimed that isn't stored, and everything resumes by itself."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request

import pytest

from tests.faults.app_process import AppProcess
from tests.faults.cluster import Cluster
from tests.faults.conftest import OpenTab
from tests.faults.rest import Rest

pytestmark = pytest.mark.faults


def readiness(app: AppProcess) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(f"{app.url}/readyz", timeout=5) as answer:
            return answer.status, json.load(answer)["data"]["parts"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["data"]["parts"]


@pytest.mark.gen_test(timeout=60)
async def test_requests_are_answered_503_and_sockets_stay_while_the_database_is_away(
    cluster: Cluster, rest: Rest, open_tab: OpenTab
) -> None:
    person = await cluster.add_person()
    tabs = [await open_tab(person, app.port) for app in cluster.apps]
    assert (await rest.add_task(cluster.apps[0], person)).status == 201
    for tab in tabs:
        await tab.until_at(1)

    await asyncio.to_thread(cluster.postgres.stop)
    try:
        for app in cluster.apps:
            for answer in (await rest.send(app, "GET", "/tasks", person), await rest.add_task(app, person)):
                assert (answer.status, answer.error["code"]) == (503, "SERVICE_UNAVAILABLE")
                assert int(answer.headers["Retry-After"]) > 0
            status, parts = await asyncio.to_thread(readiness, app)
            assert (status, parts["database"], parts["redis"]) == (503, "down", "up")
    finally:
        await asyncio.to_thread(cluster.postgres.start)

    # The next id follows: nothing was invented, and nothing that was refused was written.
    answer = await rest.add_task(cluster.apps[0], person)
    assert (answer.status, answer.headers["Last-Event-Id"]) == (201, "2")
    for tab, app in zip(tabs, cluster.apps, strict=True):
        await tab.until_at(2)
        assert (tab.record.ids, tab.record.closes) == ([1, 2], [])
        assert (await asyncio.to_thread(readiness, app))[0] == 200


@pytest.mark.gen_test(timeout=60)
async def test_everything_resumes_after_all_database_connections_were_cut(
    cluster: Cluster, rest: Rest, open_tab: OpenTab
) -> None:
    person = await cluster.add_person()
    tabs = [await open_tab(person, app.port) for app in cluster.apps]
    for round_number in range(1, 4):
        await cluster.ask_database(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'realtime-app'"
        )
        answer = await rest.add_task(cluster.apps[0], person)
        assert answer.headers["Last-Event-Id"] == str(round_number)
    for tab in tabs:
        await tab.until_at(3)
        assert (tab.record.ids, tab.record.closes) == ([1, 2, 3], [])


@pytest.mark.gen_test(timeout=60)
async def test_a_black_holed_database_is_a_503_in_bounded_time_and_resumes(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    lonely, other, _ = cluster.apps
    person = await cluster.add_person()
    tab = await open_tab(person, lonely.port)
    assert (await rest.add_task(lonely, person)).status == 201
    lonely.database_link.stall()

    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await rest.send(lonely, "GET", "/tasks", person)
    seconds = loop.time() - began
    record_table.append(f"answer while the link to the database swallows everything: 503 after {seconds:.1f} s")
    assert answer.status == 503
    assert seconds < 20
    assert (await rest.add_task(other, person)).status == 201
    await tab.until_at(2)  # by Redis, though this process can't reach the log

    lonely.database_link.cut()
    assert (await rest.add_task(lonely, person)).headers["Last-Event-Id"] == "3"
    await tab.until_at(3)
    assert tab.record.closes == []

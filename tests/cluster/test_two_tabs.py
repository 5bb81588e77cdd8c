"""Two tabs of one person, on whatever processes nginx chose."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from tests.cluster.https_client import HttpsClient
from tests.cluster.returning_client import ReturningClient
from tests.cluster.running_cluster import RunningCluster, metric

pytestmark = pytest.mark.system


@pytest.mark.gen_test
async def test_what_one_tab_changes_shows_in_the_other(visitor: HttpsClient) -> None:
    person = await visitor.register()
    first, second = ReturningClient(person, "127.0.0.1"), ReturningClient(person, "127.0.0.1")
    async with first.following(), second.following():
        task = (
            await person.ask("POST", "/tasks", {"title": "Write the talk"}, X_Connection_Id=first.connection_id)
        ).data
        await person.ask("PATCH", f"/tasks/{task['id']}", {"title": "Give the talk"})
        await second.until_position(2)
        await first.until_position(2)
    created, updated = second.frames[1:]
    assert [created["type"], updated["type"]] == ["task:created", "task:updated"]
    assert created["payload"]["taskId"] == task["id"]
    assert created["origin"] == first.connection_id
    assert first.ids == second.ids == [1, 2]


@pytest.mark.gen_test
async def test_sockets_spread_evenly_over_all_processes(cluster: RunningCluster, visitor: HttpsClient) -> None:
    person = await visitor.register()
    before = await _sockets(cluster, visitor)
    async with AsyncExitStack() as open_tabs:
        tabs = [ReturningClient(person, "127.0.0.1") for _ in range(24)]
        for tab in tabs:
            await open_tabs.enter_async_context(tab.following())
        spread = [now - then for now, then in zip(await _sockets(cluster, visitor), before, strict=True)]
        assert sum(spread) == 24
        assert max(spread) - min(spread) <= 2
        await person.ask("POST", "/tasks", {"title": "Reaches every process"})
        for tab in tabs:
            await tab.until_position(1)


async def _sockets(cluster: RunningCluster, visitor: HttpsClient) -> list[float]:
    pages = [await visitor.ask("GET", f"/{number}/metrics", port=cluster.monitoring_port) for number in range(4)]
    return [metric(page.body.decode(), "realtime_connections") for page in pages]

"""`realtime-app new-epoch` while processes run: every client is told to fetch everything, and goes on from there."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

from tests.auth.parts import SECRET
from tests.faults.cluster import Cluster
from tests.faults.conftest import OpenTab
from tests.faults.rest import Rest
from tests.servers.planner_process import Ended, run_command

TOLD_SECONDS = 2.0

pytestmark = pytest.mark.faults


async def begin_new_epoch(cluster: Cluster, folder: Path) -> Ended:
    settings = {"DATABASE_URL": cluster.database_url, "REDIS_URL": cluster.redis.url, "JWT_SECRET": SECRET}
    return await asyncio.to_thread(lambda: run_command(folder, "new-epoch", **settings))


def epoch_of(ended: Ended) -> str:
    assert ended.code == 0, ended.errors
    return re.findall(r"epoch ([0-9a-f-]{36})$", ended.output.strip())[0]


@pytest.mark.gen_test(timeout=60)
async def test_running_processes_tell_their_clients_of_the_new_epoch_and_go_on(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, tmp_path: Path, record_table: list[str]
) -> None:
    person = await cluster.add_person()
    tabs = [await open_tab(person, app.port) for app in cluster.apps]
    assert (await rest.add_task(cluster.apps[0], person)).status == 201
    for tab in tabs:
        await tab.until_at(1)

    epoch = epoch_of(await begin_new_epoch(cluster, tmp_path))
    began = time.monotonic()
    for tab in tabs:
        await tab.until_resynced(TOLD_SECONDS)
        assert tab.record.resyncs == [{"reason": "epoch", "epoch": epoch, "lastEventId": 1}]
    record_table.append(f"resync everywhere after new-epoch: {time.monotonic() - began:.2f} s")

    answer = await rest.add_task(cluster.apps[0], person)
    assert (answer.headers["Last-Event-Id"], answer.headers["Event-Epoch"]) == ("2", epoch)
    for tab in tabs:
        await tab.until_at(2)
        assert (tab.position, tab.record.ids, tab.record.closes) == ((2, epoch), [1, 2], [])


@pytest.mark.gen_test(timeout=60)
async def test_a_tab_that_returns_with_the_old_epoch_is_not_recovered(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, tmp_path: Path
) -> None:
    app, person = cluster.apps[0], await cluster.add_person()
    tab = await open_tab(person, app.port)
    assert (await rest.add_task(app, person)).status == 201
    await tab.until_at(1)
    await app.kill()
    await tab.until_closed()
    epoch = epoch_of(await begin_new_epoch(cluster, tmp_path))
    await app.start()
    await tab.until_live()
    assert (tab.record.not_recovered, tab.record.recovered, tab.position) == (1, 0, (1, epoch))


@pytest.mark.gen_test(timeout=60)
async def test_the_new_epoch_is_found_without_redis(cluster: Cluster, open_tab: OpenTab, tmp_path: Path) -> None:
    person = await cluster.add_person()
    tab = await open_tab(person, cluster.apps[0].port)
    await asyncio.to_thread(cluster.redis.stop)
    ended = await begin_new_epoch(cluster, tmp_path)
    assert "Redis can't be reached" in ended.errors
    await tab.until_resynced(TOLD_SECONDS)
    assert tab.position == (0, epoch_of(ended))

"""Peers that vanished are noticed, living ones are spared, and who reads slowly harms nobody but himself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine

import pytest

from tests.faults.app_process import AppProcess
from tests.faults.cluster import Cluster
from tests.faults.conftest import ClientProxy, OpenTab
from tests.faults.person import Person
from tests.faults.rest import Rest
from tests.faults.tab import Tab

INTERVAL_SECONDS, TIMEOUT_SECONDS = 4.0, 3.0
"""As in the cluster's settings."""
STANDSTILL_SECONDS = 9.0
TICK_SECONDS = 1.0
MISSED = 'realtime_closes_total{code="4009"}'
SLOW_CLOSES = 'realtime_closes_total{code="4008"}'
SLOW = 4008

SLOW_READERS = 8
OUTPUT_LIMIT_BYTES = 1024 * 1024
LARGE_MESSAGE = json.dumps({"type": "user:updated", "payload": {"fields": ["x" * 60_000]}})
LARGE_MESSAGES = 120
"""7 MB: the output limit of 1 MiB, and what the kernel takes for a client that doesn't read."""

pytestmark = pytest.mark.faults


@pytest.mark.gen_test(timeout=60)
async def test_a_peer_that_vanished_without_a_word_is_gone_within_interval_and_timeout(
    cluster: Cluster, open_tab: OpenTab, client_proxy: ClientProxy, record_table: list[str]
) -> None:
    app = cluster.apps[0]
    network = await client_proxy(app.port)
    await open_tab(await cluster.add_person(), network.port)
    missed = await app.metric(MISSED)
    network.stall()
    seconds = await app.until_metric(MISSED, missed + 1, INTERVAL_SECONDS + TIMEOUT_SECONDS + TICK_SECONDS)
    record_table.append(f"vanished peer gone (ping every 4 s, 3 s to answer): {seconds:.1f} s")
    assert await app.metric("realtime_connections") == 0


@pytest.mark.gen_test(timeout=60)
async def test_a_process_that_stood_still_closes_none_of_its_living_clients(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, client_proxy: ClientProxy
) -> None:
    app = cluster.apps[0]
    person, vanishing = await cluster.add_person(), await cluster.add_person()
    tabs = [await open_tab(person, app.port) for _ in range(20)]
    network = await client_proxy(app.port)
    await open_tab(vanishing, network.port)

    missed = await app.metric(MISSED)
    await app.stand_still(STANDSTILL_SECONDS)
    network.stall()

    # When the one that vanished has been judged, so have the others, whose last pong came before the standstill.
    await app.until_metric(MISSED, missed + 1, INTERVAL_SECONDS + TIMEOUT_SECONDS + TICK_SECONDS)
    await rest.add_task(app, person)
    for tab in tabs:
        await tab.until_at(1)
    assert [tab.record.closes for tab in tabs] == [[]] * 20
    assert await app.metric(MISSED) == missed + 1


@pytest.mark.gen_test(timeout=90)
async def test_slow_readers_are_closed_their_memory_is_released_and_others_are_not_delayed(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    app, other = cluster.apps[0], await cluster.add_person()
    quick = await open_tab(other, app.port)
    await _flood_slow_readers(cluster, app, open_tab)  # the allocator keeps what it got for this round
    memory_before = app.memory_bytes()

    delays = await _delays_until(_flood_slow_readers(cluster, app, open_tab), rest, app, other, quick)
    grown_bytes = app.memory_bytes() - memory_before

    record_table.append(
        f"8 slow readers: others waited {max(delays):.2f} s at most, memory grew by {grown_bytes / 2**20:.1f} MiB"
    )
    assert max(delays) < 1.0
    assert grown_bytes < SLOW_READERS * OUTPUT_LIMIT_BYTES / 2
    assert quick.record.closes == []


async def _flood_slow_readers(cluster: Cluster, app: AppProcess, open_tab: OpenTab) -> None:
    """Returns when all of them have been closed."""
    people = [await cluster.add_person() for _ in range(SLOW_READERS)]
    tabs = [await open_tab(person, app.port, receive_buffer_bytes=4096) for person in people]
    closed_before = await app.metric(SLOW_CLOSES)
    for tab in tabs:
        tab.stop_reading()
    await asyncio.gather(*(_flood(cluster, person) for person in people))
    await app.until_metric(SLOW_CLOSES, closed_before + len(tabs), 5)
    for tab in tabs:
        tab.read_on()
    await asyncio.gather(*(tab.until_closed() for tab in tabs))
    # The line may be cut before the tab has read as far as the close frame.
    assert {tab.record.closes[0] for tab in tabs} <= {SLOW, None}
    await asyncio.gather(*(tab.close() for tab in tabs))


async def _flood(cluster: Cluster, person: Person) -> None:
    for _ in range(LARGE_MESSAGES):
        await cluster.ask_redis("PUBLISH", f"user:{person.user_id}:events", LARGE_MESSAGE)


async def _delays_until(
    work: Coroutine[None, None, None], rest: Rest, app: AppProcess, person: Person, tab: Tab
) -> list[float]:
    """One write after the other until the work is done, and how long each took from asking to arriving."""
    loop, delays = asyncio.get_running_loop(), list[float]()
    task = asyncio.create_task(work)
    while not task.done():
        began = loop.time()
        assert (await rest.add_task(app, person)).status == 201
        await tab.until_at(len(delays) + 1)
        delays.append(loop.time() - began)
    await task
    return delays

"""Redis only makes it fast: what it loses comes from the log, within a bounded time."""

from __future__ import annotations

import asyncio
import time

import pytest
from tornado.httpclient import HTTPClientError

from tests.faults.cluster import LINK_UP, PUBLISHED, Cluster
from tests.faults.conftest import OpenTab
from tests.faults.rest import Rest

UNNOTICED_SECONDS = 12.0
KNOWN_DOWN_SECONDS = 2.0
HANG_NOTICED_SECONDS = 6.0
ANSWER_SECONDS = 2.0

pytestmark = pytest.mark.faults


@pytest.mark.gen_test(timeout=60)
async def test_an_event_arrives_when_its_process_died_before_publishing_it(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    dying, other, _ = cluster.apps
    person = await cluster.add_person()
    tab = await open_tab(person, other.port)
    await dying.kill()
    await dying.start(FAULT_DIE_AFTER_COMMITS="1")

    began = time.monotonic()
    with pytest.raises((HTTPClientError, OSError)):
        await rest.add_task(dying, person)
    await tab.until_at(1, UNNOTICED_SECONDS)

    record_table.append(f"event of a process that died before publishing: {time.monotonic() - began:.1f} s")
    assert await dying.wait_for_death(1)


@pytest.mark.gen_test(timeout=60)
async def test_an_event_arrives_when_only_the_writers_link_to_redis_is_broken(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    writing, other, _ = cluster.apps
    person = await cluster.add_person()
    near, far = await open_tab(person, writing.port), await open_tab(person, other.port)
    writing.redis_link.stall()
    published = await writing.metric(PUBLISHED)

    began = time.monotonic()
    answer = await rest.add_task(writing, person)
    assert answer.status == 201
    assert time.monotonic() - began < ANSWER_SECONDS
    await near.until_at(1, ANSWER_SECONDS)
    await far.until_at(1, UNNOTICED_SECONDS)

    record_table.append(f"event whose publish was lost: {time.monotonic() - began:.1f} s")
    assert await other.metric(LINK_UP) == 1
    assert await writing.metric(PUBLISHED) == published, "the publish was not lost"


@pytest.mark.gen_test(timeout=60)
async def test_events_arrive_within_two_seconds_while_redis_is_known_to_be_down(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    writing, other, _ = cluster.apps
    person = await cluster.add_person()
    tab = await open_tab(person, other.port)
    await asyncio.to_thread(cluster.redis.stop)
    for app in cluster.apps:
        await app.until_metric(LINK_UP, 0, 2)

    worst = 0.0
    for event_id in range(1, 6):
        began = time.monotonic()
        assert (await rest.add_task(writing, person)).status == 201
        assert time.monotonic() - began < ANSWER_SECONDS
        await tab.until_at(event_id, KNOWN_DOWN_SECONDS)
        worst = max(worst, time.monotonic() - began)

    record_table.append(f"event while Redis is known to be down, the slowest of 5: {worst:.1f} s")
    assert tab.record.closes == []


@pytest.mark.gen_test(timeout=60)
async def test_a_hung_redis_is_known_within_six_seconds_and_used_again_by_itself(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    writing, other, _ = cluster.apps
    person = await cluster.add_person()
    tab = await open_tab(person, other.port)
    cluster.redis.pause()
    try:
        noticed = await other.until_metric(LINK_UP, 0, HANG_NOTICED_SECONDS + 0.5)
        assert (await rest.add_task(writing, person)).status == 201
        await tab.until_at(1, KNOWN_DOWN_SECONDS)
    finally:
        cluster.redis.resume()
    record_table.append(f"hung Redis noticed: {noticed:.1f} s")

    for app in cluster.apps:
        await app.until_metric(LINK_UP, 1, 5)
    assert (await rest.add_task(writing, person)).status == 201
    await tab.until_at(2, 1)

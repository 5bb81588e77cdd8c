"""A login that was ended is at an end on every process."""

from __future__ import annotations

import asyncio
import time

import pytest

from realtime_app.core.close_codes import CloseCode
from tests.faults.app_process import AppProcess
from tests.faults.cluster import LINK_UP, PUBLISHED, Cluster
from tests.faults.conftest import OpenTab
from tests.faults.person import Person
from tests.faults.rest import Rest
from tests.faults.tab import Tab

TOLD_SECONDS = 1.0
KNOWN_DOWN_SECONDS = 5.0
UNTOLD_SECONDS = 12.0

pytestmark = pytest.mark.faults


async def seconds_until_signed_out(
    rest: Rest, app: AppProcess, person: Person, tabs: list[Tab], within_seconds: float
) -> float:
    """Logs out at `app`; all tabs must be sent away for good."""
    began = time.monotonic()
    assert (await rest.send(app, "POST", "/auth/logout", person)).status == 200
    await asyncio.gather(*(tab.until_closed(seconds=within_seconds) for tab in tabs))
    assert [tab.record.closes for tab in tabs] == [[CloseCode.CREDENTIAL_REFUSED]] * len(tabs)
    return time.monotonic() - began


@pytest.mark.gen_test(timeout=60)
async def test_logout_ends_sockets_and_rest_on_every_process_within_a_second(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    person = await cluster.add_person()
    tabs = [await open_tab(person, app.port) for app in cluster.apps]
    for app in cluster.apps:
        assert (await rest.send(app, "GET", "/auth/me", person)).status == 200

    seconds = await seconds_until_signed_out(rest, cluster.apps[0], person, tabs, TOLD_SECONDS)

    record_table.append(f"logout on every process: {seconds:.2f} s")
    for app in cluster.apps:
        assert (await rest.send(app, "GET", "/auth/me", person)).status == 401


@pytest.mark.gen_test(timeout=60)
async def test_logout_ends_sockets_when_its_message_is_lost(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    mute, *others = cluster.apps
    person = await cluster.add_person()
    tabs = [await open_tab(person, app.port) for app in others]
    mute.redis_link.stall()
    published = await mute.metric(PUBLISHED)
    seconds = await seconds_until_signed_out(rest, mute, person, tabs, UNTOLD_SECONDS)
    assert await mute.metric(PUBLISHED) == published, "the word was not lost"
    record_table.append(f"logout whose message was lost: {seconds:.1f} s")


@pytest.mark.gen_test(timeout=60)
async def test_logout_ends_sockets_while_redis_is_known_to_be_down(
    cluster: Cluster, rest: Rest, open_tab: OpenTab, record_table: list[str]
) -> None:
    person = await cluster.add_person()
    tabs = [await open_tab(person, app.port) for app in cluster.apps]
    await asyncio.to_thread(cluster.redis.stop)
    for app in cluster.apps:
        await app.until_metric(LINK_UP, 0, 2)
    seconds = await seconds_until_signed_out(rest, cluster.apps[0], person, tabs, KNOWN_DOWN_SECONDS)
    record_table.append(f"logout while Redis is known to be down: {seconds:.1f} s")

"""One fault after the other, at random, under load: nobody misses, repeats or reorders anything.

`make faults SECONDS=600 SEED=7` runs it for as long as one likes, and again with the same faults.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.faults.cluster import Cluster
from tests.faults.fault_table import FAULTS, Fault, Scene
from tests.faults.leaks import growth_bytes, holdings, leaks_left
from tests.faults.person import Person
from tests.faults.report import Report, Timeline
from tests.faults.tab import Liveness, Tab
from tests.faults.verdict import Log, commit_moments, holes_and_repeats, lost_and_invented_writes, read_logs
from tests.faults.writing import Writers

SHORT_SECONDS = 60.0
SECONDS = float(os.environ.get("FAULT_SECONDS", SHORT_SECONDS))
SEED = int(os.environ.get("FAULT_SEED", random.SystemRandom().randint(1, 999_999)))
PEOPLE = 48
TABS_PER_PERSON = 5
WRITES_PER_SECOND = 15.0
QUIET_AT_THE_END_SECONDS = 60.0

P99_RETURN_SECONDS = 1.0 if "FAULT_SECONDS" in os.environ else 5.0
"""Among other tests on the same cores the tabs themselves are late: then this only shows that nobody is forgotten."""

pytestmark = pytest.mark.faults


def plan(seed: int) -> Iterator[tuple[str, Fault, random.Random]]:
    """Without end: every fault in turn, each round in another order."""
    chance = random.Random(seed)
    while True:
        for name, fault in chance.sample(FAULTS, len(FAULTS)):
            yield name, fault, random.Random(chance.random())


class Storm:
    """The people, their tabs and the writers, and what is done to them."""

    def __init__(self, cluster: Cluster, people: list[Person]) -> None:
        self.cluster = cluster
        self.writers = Writers(people, cluster.apps, WRITES_PER_SECOND)
        self.timeline = Timeline()
        self.tabs = [self._tab(person) for person in people for _ in range(TABS_PER_PERSON)]

    async def open(self) -> None:
        for tab in self.tabs:
            tab.open()
        await asyncio.gather(*(tab.until_live() for tab in self.tabs))

    async def rage(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for name, fault, chance in plan(SEED):
            self.timeline.begin(name, time.time())
            await fault(Scene(self.cluster, self.tabs, chance))
            await asyncio.sleep(chance.uniform(0.3, 1.2))
            if time.monotonic() >= until:
                return

    async def calm_down(self) -> None:
        """Everything is whole again: all tabs reach the ends of their logs."""
        await self.writers.stop()
        heads = {user_id: log.last_id for user_id, log in (await self._logs()).items()}
        await asyncio.gather(*(tab.until_at(heads[tab.person.user_id], QUIET_AT_THE_END_SECONDS) for tab in self.tabs))

    async def close(self) -> None:
        await asyncio.gather(*(tab.close() for tab in self.tabs))

    async def report(self) -> Report:
        logs = await self._logs()
        moments = commit_moments(logs, self.tabs, self.writers.ledger)
        return Report(self.timeline, self.tabs, self.writers.ledger, moments)

    async def wrongs(self) -> list[str]:
        logs = await self._logs()
        return holes_and_repeats(logs, self.tabs) + lost_and_invented_writes(logs, self.writers.ledger)

    async def _logs(self) -> dict[str, Log]:
        mine = {tab.person.user_id for tab in self.tabs}
        logs = await read_logs(self.cluster.database)
        return {user_id: log for user_id, log in logs.items() if user_id in mine}

    def _tab(self, person: Person) -> Tab:
        apps = {app.port: app for app in self.cluster.apps}
        return Tab(
            person,
            lambda: random.choice(self.cluster.apps).port,
            liveness=Liveness(quiet_seconds=4, answer_seconds=3),
            known_id=lambda: self.writers.ledger.known_ids[person.user_id],
            able_since=lambda port: apps[port].able_since,
        )


@pytest.mark.gen_test(timeout=SECONDS + 150)
async def test_nothing_is_missed_whatever_fails(cluster: Cluster, record_table: list[str], long_test: None) -> None:
    record_table.append(
        f"seed {SEED}, {SECONDS:.0f} s; the same faults again: make faults SECONDS={SECONDS:.0f} SEED={SEED}"
    )
    storm = Storm(cluster, [await cluster.add_person() for _ in range(PEOPLE)])
    await storm.open()
    before = holdings(cluster)
    storm.writers.start()
    try:
        await storm.rage(SECONDS)
        await storm.calm_down()
    finally:
        await storm.writers.stop()
        await storm.close()
        report = await storm.report()
        record_table += report.lines()

    grown_bytes, load = growth_bytes(cluster, before), os.getloadavg()[1]
    record_table.append(
        f"memory of a process grew by {grown_bytes / 2**20:.1f} MiB at most; load of the machine {load:.1f}"
    )
    assert await storm.wrongs() == []
    assert report.resyncs == 0
    assert await leaks_left(cluster, before) == []
    assert report.p99_return_seconds <= P99_RETURN_SECONDS

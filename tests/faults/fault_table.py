"""Everything that goes wrong, one function each: it begins the fault, waits, and mends it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.faults.app_process import AppProcess
from tests.faults.cluster import Cluster
from tests.faults.tab import Tab

DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Scene:
    """`chance` is the fault's own: the same seed chooses the same."""

    cluster: Cluster
    tabs: Sequence[Tab]
    chance: random.Random

    @property
    def app(self) -> AppProcess:
        return self.chance.choice(self.cluster.apps)

    def some_tabs(self, share: float) -> list[Tab]:
        return self.chance.sample(list(self.tabs), int(len(self.tabs) * share))


async def kill_process(scene: Scene) -> None:
    app = scene.app
    await app.kill()
    await asyncio.sleep(scene.chance.uniform(0.2, 2))
    await app.start()


async def die_after_commit(scene: Scene) -> None:
    app = scene.app
    await app.kill()
    await app.start(FAULT_DIE_AFTER_COMMITS=str(scene.chance.randint(1, 8)))
    await app.wait_for_death(5)
    await app.kill()
    await app.start()


async def restart_process(scene: Scene) -> None:
    app = scene.app
    await app.stop()
    await app.start()


async def hang_process(scene: Scene) -> None:
    await scene.app.stand_still(scene.chance.uniform(2, 9))


async def hang_redis(scene: Scene) -> None:
    await scene.cluster.pause_redis_for(scene.chance.uniform(2, 9))


async def restart_redis(scene: Scene) -> None:
    await scene.cluster.stop_redis_for(1)


async def lose_redis(scene: Scene) -> None:
    await scene.cluster.stop_redis_for(15)


async def kill_subscribers(scene: Scene) -> None:
    await scene.cluster.ask_redis("CLIENT", "KILL", "TYPE", "pubsub")


async def flush_redis(scene: Scene) -> None:
    await scene.cluster.ask_redis("FLUSHALL")


async def lose_link_to_redis(scene: Scene) -> None:
    link, seconds, is_healing = scene.app.redis_link, scene.chance.uniform(2, 8), scene.chance.random() < 0.5
    link.stall()
    await asyncio.sleep(seconds)
    link.resume() if is_healing else link.cut()


async def lose_link_to_database(scene: Scene) -> None:
    app, seconds, is_healing = scene.app, scene.chance.uniform(2, 8), scene.chance.random() < 0.5
    link = app.database_link
    link.stall()
    await asyncio.sleep(seconds)
    link.resume() if is_healing else link.cut()
    app.able_since = time.time()


async def read_slowly(scene: Scene) -> None:
    slow = scene.some_tabs(0.2)
    for tab in slow:
        tab.stop_reading()
    await asyncio.sleep(scene.chance.uniform(2, 6))
    for tab in slow:
        tab.read_on()


async def disconnect_many(scene: Scene) -> None:
    for tab in scene.some_tabs(0.7):
        tab.cut()
    await asyncio.sleep(1)


async def set_clients_clocks_wrong(scene: Scene) -> None:
    for tab in scene.some_tabs(0.5):
        tab.clock_error_seconds = scene.chance.uniform(-400, 400) * DAY_SECONDS
    for tab in scene.some_tabs(0.1):
        tab.cut()


async def cut_database_connections(scene: Scene) -> None:
    backends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'realtime-app'"
    await scene.cluster.ask_database(backends)


async def restart_database(scene: Scene) -> None:
    await scene.cluster.stop_database_for(scene.chance.uniform(0, 3))


Fault = Callable[[Scene], Awaitable[None]]

FAULTS: tuple[tuple[str, Fault], ...] = (
    ("process killed", kill_process),
    ("process dies between commit and publish", die_after_commit),
    ("process restarted in good order", restart_process),
    ("process hangs", hang_process),
    ("Redis hangs", hang_redis),
    ("Redis away for 1 s", restart_redis),
    ("Redis away for 15 s", lose_redis),
    ("subscribers killed", kill_subscribers),
    ("Redis flushed", flush_redis),
    ("link to Redis black-holed", lose_link_to_redis),
    ("link to PostgreSQL black-holed", lose_link_to_database),
    ("clients read slowly", read_slowly),
    ("clients disconnected in masses", disconnect_many),
    ("clients' clocks wrong", set_clients_clocks_wrong),
    ("database connections cut", cut_database_connections),
    ("database restarted", restart_database),
)

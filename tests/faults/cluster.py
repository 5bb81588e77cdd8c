"""Three processes of the program, one Redis and one PostgreSQL, all real and all this test's own."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from realtime_app.store.engine import Database
from tests.auth.parts import log_in, token_codec
from tests.faults.app_process import AppProcess
from tests.faults.person import Person
from tests.planner import register
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer

PROCESSES = 3
LINK_UP = "realtime_link_up"
PUBLISHED = "realtime_published_total"
LINK_SECONDS = 10.0


class Cluster:
    """`database` is the test's own way to the database, past the links that it breaks."""

    def __init__(
        self, folder: Path, redis: RedisServer, postgres: PostgresServer, database_url: str, **settings: str
    ) -> None:
        self.redis = redis
        self.postgres = postgres
        self.database_url = database_url
        self.database = Database(database_url)
        self.apps = [AppProcess(folder, redis.port, database_url, **settings) for _ in range(PROCESSES)]

    async def open_links(self) -> None:
        """To be called once; `mend` starts the processes."""
        for app in self.apps:
            await app.open_links()

    async def mend(self) -> None:
        """Starts what is missing, heals all links, and waits until everybody hears everybody."""
        if not self.postgres.is_running:
            await asyncio.to_thread(self.postgres.start)
        if not self.redis.is_running:
            await asyncio.to_thread(self.redis.start)
        for app in self.apps:
            app.heal_links()
        await asyncio.gather(*(app.start() for app in self.apps if not app.is_running))
        for app in self.apps:
            await app.until_metric(LINK_UP, 1, LINK_SECONDS)
            await app.until_metric("realtime_connections", 0, LINK_SECONDS)

    async def close(self) -> None:
        await asyncio.gather(*(app.close() for app in self.apps))
        await self.database.close()

    async def add_person(self) -> Person:
        now = datetime.now(UTC)
        user_id = (await register(self.database, lambda: now)).user_id
        claims = await log_in(self.database, user_id, now)
        return Person(user_id, token_codec().encode(claims))

    async def stop_redis_for(self, seconds: float) -> None:
        await asyncio.to_thread(self.redis.stop)
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.to_thread(self.redis.start)

    async def pause_redis_for(self, seconds: float) -> None:
        self.redis.pause()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.redis.resume()

    async def stop_database_for(self, seconds: float) -> None:
        await asyncio.to_thread(self.postgres.stop)
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.to_thread(self.postgres.start)
            for app in self.apps:
                app.able_since = time.time()

    async def ask_redis(self, *command: str) -> object:
        return await asyncio.to_thread(self.redis.execute, *command)

    async def ask_database(self, statement: str, *, own: bool = False) -> str:
        """`own` asks the processes' database, past their links."""
        database = make_url(self.database_url).database if own else "postgres"
        return await asyncio.to_thread(lambda: self.postgres.execute(statement, database=database or ""))

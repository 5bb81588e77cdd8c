"""Three processes of the program, one Redis and one PostgreSQL, all real and all this test's own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from realtime_app.store.engine import Database
from tests.auth.parts import log_in, token_codec
from tests.faults.app_process import AppProcess
from tests.faults.person import Person
from tests.planner import register
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer

PROCESSES = 3


class Cluster:
    """`database` is the test's own way to the database, past the links that it breaks."""

    def __init__(
        self, folder: Path, redis: RedisServer, postgres: PostgresServer, database_url: str, **settings: str
    ) -> None:
        self.redis = redis
        self.postgres = postgres
        self.database = Database(database_url)
        self.apps = [AppProcess(folder, redis.port, database_url, **settings) for _ in range(PROCESSES)]

    async def start(self) -> None:
        for app in self.apps:
            await app.open_links()
        await asyncio.gather(*(app.start() for app in self.apps))

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

    async def ask_redis(self, *command: str) -> object:
        return await asyncio.to_thread(self.redis.execute, *command)

    async def ask_database(self, statement: str) -> str:
        return await asyncio.to_thread(self.postgres.execute, statement)

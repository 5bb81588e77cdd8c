"""One installation to measure: a private Redis, a database with users in it, and one or more server processes."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from bench.peer_users import LIFETIME, make_users
from bench.process import SERVER_CORE, on_core
from realtime_app.auth.tokens import TokenCodec
from realtime_app.store.engine import Database
from realtime_app.store.schema import migrate
from tests.servers.planner_process import PlannerProcess
from tests.servers.postgres_server import PostgresServer
from tests.servers.process import SERVER_FOLDERS
from tests.servers.redis_server import RedisServer

SECRET = "a secret of the benchmark, of 32 bytes or more"
USER_ID = "00000000-0000-4000-8000-%012x"

# Everything is on, but nothing may be refused: limits count, and are far away.
_LIMITS = {
    f"RATE_LIMIT_{who}_{what}": "100000"
    for who, what in (
        ("SESSION", "PER_MINUTE"),
        ("SESSION", "BURST"),
        ("ADDRESS", "PER_MINUTE"),
        ("ADDRESS", "BURST"),
    )
}


def has_postgres() -> bool:
    return any((Path(folder) / "postgres").exists() for folder in SERVER_FOLDERS)


class Site:
    """`users` real rows with a session each. Use it in a with statement."""

    def __init__(self, users: int, *, on_postgres: bool = False, processes: int = 1, **settings: str) -> None:
        self.user_ids = [USER_ID % number for number in range(users)]
        self.tokens: dict[str, str] = {}
        self.epoch = ""
        self.servers: list[PlannerProcess] = []
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.redis = RedisServer({"client-output-buffer-limit": "pubsub 0 0 0"})
        self._postgres = PostgresServer() if on_postgres else None
        self._processes = processes
        self._settings = settings
        self.database_url = ""

    def __enter__(self) -> Site:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self.servers[0].process.pid

    @property
    def port(self) -> int:
        return self.servers[0].port

    @property
    def postgres(self) -> PostgresServer:
        assert self._postgres
        return self._postgres

    def close(self) -> None:
        for server in self.servers:
            server.close()
        self.redis.close()
        if self._postgres is not None:
            self._postgres.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, user: int, since: int | None = None) -> str:
        """Of a WebSocket of the user with this number."""
        path = f"/ws?token={self.tokens[self.user_ids[user]]}"
        return path if since is None else f"{path}&since={since}&epoch={self.epoch}"

    def paths(self, tabs: int, since: int | None = None) -> list[str]:
        """Of so many tabs of every user."""
        return [self.path(user, since) for user in range(len(self.user_ids)) for _ in range(tabs)]

    def _start(self) -> None:
        self.redis.start()
        self.database_url = self._make_database()
        asyncio.run(self._fill())
        with on_core(SERVER_CORE):
            for number in range(self._processes):
                self.servers.append(self._server(number))

    def _make_database(self) -> str:
        if self._postgres is None:
            return f"sqlite+aiosqlite:///{self.folder}/bench.db"
        self._postgres.start()
        return self._postgres.fresh_database()

    async def _fill(self) -> None:
        database = Database(self.database_url)
        await migrate(database)
        codec = TokenCodec(SECRET, None, timedelta(LIFETIME.days))
        self.tokens, self.epoch = await make_users(database, self.user_ids, codec)
        await database.close()

    def _server(self, number: int) -> PlannerProcess:
        folder = self.folder / str(number)
        folder.mkdir()
        settings = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "JWT_SECRET": SECRET,
            **_LIMITS,
            **self._settings,
        }
        server = PlannerProcess(folder, **settings)
        server.start()
        return server

"""The application in this process, reached over HTTP like by any client: `await app.post("/tasks", json=…)`."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic_settings import PydanticBaseSettingsSource
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPHeaders

from realtime_app.application import Application
from realtime_app.config import Settings
from realtime_app.http_server import HttpServer
from realtime_app.process.listener import bind_tcp
from realtime_app.store.schema import migrate

PASSWORD = "Correct-Horse-7"
UNSTORED = "private, no-cache, no-store"
"""Cache-Control of answers that hold a secret."""

SECRET = "a secret of more than thirty-two bytes"


class GivenSettings(Settings):
    """Settings that look neither at the environment nor at `.env`."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: Any, init_settings: PydanticBaseSettingsSource, **_: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def given_settings(folder: Path, **overrides: Any) -> Settings:
    """A fresh SQLite database in `folder`, realtime within this process, a port that is free, no rate limits."""
    given = {
        "database_url": f"sqlite+aiosqlite:///{folder / 'realtime.db'}",
        "redis_url": "memory://",
        "jwt_secret": SECRET,
        "rate_limit_enabled": False,
        "port": 0,
        "drain_seconds": 1,
    }
    return GivenSettings(**given | overrides)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPHeaders
    body: bytes

    @property
    def json(self) -> Any:
        return jsonlib.loads(self.body)

    @property
    def data(self) -> Any:
        """What the success envelope holds; fails on any other."""
        assert self.status < 300, f"{self.status}: {self.body.decode()}"
        return self.json["data"]

    @property
    def error(self) -> Any:
        assert self.status >= 400, f"{self.status}: {self.body.decode()}"
        return self.json["error"]


@dataclass(frozen=True)
class Account:
    """A registered user and the token of a login."""

    id: str
    email: str
    token: str
    password: str = PASSWORD


class RunningApp:
    """Migrates, starts and closes an Application. Use it from a fixture: see tests/handlers/conftest.py."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.application: Application
        self._client: AsyncHTTPClient
        self._server: HttpServer

    async def start(self) -> None:
        self.application = Application(self.settings)
        await migrate(self.application.database)
        await self.application.start()
        self._server = HttpServer(self.application, bind_tcp("127.0.0.1", self.settings.port))
        await self._server.start()
        self._client = AsyncHTTPClient(force_instance=True, max_clients=100)

    async def close(self) -> None:
        self._client.close()
        await self._server.close()
        await self.application.close()

    @property
    def url(self) -> str:
        return self._server.address

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        token: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`json` becomes the body; `body` is sent as it is. An answer of any status is returned."""
        sent = HTTPHeaders(dict(headers or {}))
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if key is not None:
            sent["X-API-Key"] = key
        if json is not None:
            body = jsonlib.dumps(json).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        request = HTTPRequest(
            self.url + path, method, sent, body, allow_nonstandard_methods=True, follow_redirects=False
        )
        response = await self._client.fetch(request, raise_error=False)
        return Answer(response.code, response.headers, response.body)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.fetch("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        return await self.fetch("POST", path, **options)

    async def patch(self, path: str, **options: Any) -> Answer:
        return await self.fetch("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.fetch("DELETE", path, **options)

    async def register(self, email: str | None = None, password: str = PASSWORD) -> Account:
        """A new user, over the API."""
        email = email or f"{uuid4().hex}@example.org"
        data = (await self.post("/auth/register", json={"email": email, "password": password})).data
        return Account(data["user"]["id"], email, data["token"], password)

    async def create_key(self, account: Account, *scopes: str, **fields: Any) -> str:
        """A new API key of the user, over the API."""
        body = {"name": "agent", "scopes": list(scopes), **fields}
        key: str = (await self.post("/api-keys", json=body, token=account.token)).data["key"]
        return key

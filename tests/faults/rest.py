"""REST calls to one process or another, with the patience that a process in trouble needs."""

from __future__ import annotations

import json
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from tests.app import Answer
from tests.faults.app_process import AppProcess
from tests.faults.person import Person

ANSWER_SECONDS = 40.0
"""Longer than a server takes to give up a database that hangs."""


class Rest:
    """Raises HTTPClientError or OSError when there is no answer at all."""

    def __init__(self) -> None:
        self._client = AsyncHTTPClient(force_instance=True, max_clients=1000)

    def close(self) -> None:
        self._client.close()

    async def send(self, app: AppProcess, method: str, path: str, person: Person, body: Any = None) -> Answer:
        """An answer of any status is returned."""
        request = HTTPRequest(
            app.url + path,
            method,
            {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"},
            None if body is None else json.dumps(body).encode(),
            request_timeout=ANSWER_SECONDS,
            connect_timeout=ANSWER_SECONDS,
            allow_nonstandard_methods=True,
        )
        response = await self._client.fetch(request, raise_error=False)
        return Answer(response.code, response.headers, response.body)

    async def add_task(self, app: AppProcess, person: Person, title: str = "Task") -> Answer:
        return await self.send(app, "POST", "/tasks", person, {"title": title})

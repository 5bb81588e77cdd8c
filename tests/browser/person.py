"""One user of the planner, who acts over the REST API: by the key of an agent, or with a token of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

PASSWORD = "Correct-Horse-7"
AGENT_SCOPES = ["tasks:read", "tasks:write", "time-blocks:read", "time-blocks:write", "user:read", "user:write"]
REQUEST_SECONDS = 10.0


def day(offset: int = 0) -> str:
    """A day from today, in UTC, which is the time zone of every person here."""
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


@dataclass
class Person:
    """`write` is what their agent Claude does, `write_as_self` what they do with their token elsewhere."""

    url: str
    email: str
    token: str
    key: str = ""

    @classmethod
    def register(cls, url: str) -> Person:
        email = f"{uuid4().hex}@example.org"
        signed_in = call(url, "POST", "/auth/register", {"email": email, "password": PASSWORD, "name": "Ada Lovelace"})
        person = cls(url, email, signed_in["token"])
        person.key = person.write_as_self("POST", "/api-keys", name="Claude", scopes=AGENT_SCOPES)["key"]
        return person

    def write(self, method: str, path: str, **body: Any) -> Any:
        return call(self.url, method, path, body, {"X-API-Key": self.key})

    def write_as_self(self, method: str, path: str, **body: Any) -> Any:
        return call(self.url, method, path, body, {"Authorization": f"Bearer {self.token}"})

    def read(self, path: str) -> Any:
        return call(self.url, "GET", path, None, {"X-API-Key": self.key})

    def add_task(self, title: str, date: str | None = None, **fields: Any) -> str:
        """Its id."""
        created = self.write("POST", "/tasks", title=title, scheduledDate=date, **fields)
        return str(created["id"])

    def add_block(self, title: str, start: str, end: str, **fields: Any) -> str:
        """Its id; on today."""
        block = {"title": title, "date": day(), "startTime": start, "endTime": end}
        created = self.write("POST", "/time-blocks", **block | fields)
        return str(created["id"])

    def titles(self, date: str) -> list[str]:
        """Of the tasks of a day, in their order."""
        return [task["title"] for task in self.read(f"/tasks?date={date}")]


def call(url: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """The data of a successful answer; any other fails the test."""
    sent = None if body is None else json.dumps(body).encode()
    request = Request(url + path, sent, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urlopen(request, timeout=REQUEST_SECONDS) as response:
            return json.load(response).get("data")
    except HTTPError as error:
        raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

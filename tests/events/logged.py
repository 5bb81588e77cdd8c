"""Reads a user's event log as the wire's objects."""

from __future__ import annotations

import json
from typing import Any

from tests.app import Account, RunningApp


class LoggedEvents:
    """`new()` gives what was logged since the last call."""

    def __init__(self, app: RunningApp, account: Account) -> None:
        self._log = app.application.event_log
        self._user_id = account.id
        self.position = 0

    async def new(self) -> list[dict[str, Any]]:
        page = await self._log.read(self._user_id, self.position)
        assert page is not None
        ids = [event.id for event in page.events]
        assert ids == list(range(self.position + 1, self.position + 1 + len(ids)))
        self.position += len(ids)
        return [json.loads(event.body) for event in page.events]

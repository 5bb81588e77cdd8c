"""`/api-keys`: for logged-in people only."""

from __future__ import annotations

from handlers.access import session_only
from handlers.base import ApiHandler
from realtime_app.core.times import whole_milliseconds
from realtime_app.schemas.api_keys import KeyBody, KeyChangesBody
from realtime_app.services.api_keys import change_key, create_key, delete_key, get_key, list_keys


class ApiKeyListHandler(ApiHandler):
    @session_only
    async def get(self) -> None:
        self.answer(await self.read(list_keys))

    @session_only
    async def post(self) -> None:
        created = await self.transact(create_key, self.body(KeyBody), whole_milliseconds(self.dependencies.clock()))
        self.forbid_storing()
        self.answer(created, status=201)


class ApiKeyHandler(ApiHandler):
    @session_only
    async def get(self, key_id: str) -> None:
        self.answer(await self.read(get_key, self.identifier(key_id)))

    @session_only
    async def patch(self, key_id: str) -> None:
        body, key_id = self.body(KeyChangesBody), self.identifier(key_id)
        now = whole_milliseconds(self.dependencies.clock())
        key = await self.transact(change_key, key_id, body, now)
        self.dependencies.credentials_changed(self.caller.user_id)
        self.answer(key)

    @session_only
    async def delete(self, key_id: str) -> None:
        await self.transact(delete_key, self.identifier(key_id))
        self.dependencies.credentials_changed(self.caller.user_id)
        self.answer(message="API key deleted successfully")

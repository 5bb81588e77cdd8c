"""`/auth/sessions` and `/auth/logout`: where the user is logged in."""

from __future__ import annotations

from handlers.access import session_only
from handlers.base import ApiHandler
from realtime_app.services.sessions import end_session, list_sessions, log_out


class SessionListHandler(ApiHandler):
    @session_only
    async def get(self) -> None:
        self.answer(await self.read(list_sessions, self.caller.credential_id, self.dependencies.clock()))


class SessionHandler(ApiHandler):
    @session_only
    async def delete(self, session_id: str) -> None:
        await self.transact(end_session, self.identifier(session_id))
        self.dependencies.credentials_changed(self.caller.user_id)
        self.answer(message="Session ended successfully")


class LogoutHandler(ApiHandler):
    @session_only
    async def post(self) -> None:
        await self.transact(log_out, self.caller.credential_id)
        self.dependencies.credentials_changed(self.caller.user_id)
        self.answer(message="Logged out successfully")

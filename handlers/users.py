"""`/auth`: accounts and profiles."""

from __future__ import annotations

from handlers.access import any_credential, needs_scope, public, session_only
from handlers.base import ApiHandler
from handlers.rate_limited import hashes_password, unlimited
from realtime_app.auth.session_names import session_name
from realtime_app.core.scopes import Scope
from realtime_app.schemas.users import AccountDeletionBody, LoginBody, PasswordChangeBody, ProfileBody, RegisterBody
from realtime_app.services.accounts import Login
from realtime_app.services.users import get_user, update_profile


class SessionGivingHandler(ApiHandler):
    """Register, login and refresh answer alike: with the user and a token."""

    @property
    def session_name(self) -> str:
        return session_name(self.request.headers.get("User-Agent"))

    def answer_login(self, login: Login, *, status: int = 200) -> None:
        if login.has_ended_others:
            self.dependencies.credentials_changed(login.user["id"])
        self.forbid_storing()
        self.answer({"user": login.user, "token": login.token}, status=status)


class RegisterHandler(SessionGivingHandler):
    @hashes_password
    @public
    async def post(self) -> None:
        body = self.body(RegisterBody)
        await self.limit_account(body.email)
        self.answer_login(await self.dependencies.accounts.register(body, self.session_name), status=201)


class LoginHandler(SessionGivingHandler):
    @hashes_password
    @public
    async def post(self) -> None:
        body = self.body(LoginBody)
        await self.limit_account(body.email)
        self.answer_login(await self.dependencies.accounts.log_in(body, self.session_name))


class RefreshHandler(SessionGivingHandler):
    @session_only
    async def post(self) -> None:
        await self.answer_position()
        caller = self.caller
        self.answer_login(await self.dependencies.accounts.refresh(caller.user_id, caller.credential_id))


class ProfileHandler(ApiHandler):
    # A client takes any failure of it for a logout.
    @unlimited
    @any_credential
    async def get(self) -> None:
        self.answer(await self.read_at_once(get_user))

    @needs_scope(Scope.USER_WRITE)
    async def patch(self) -> None:
        self.answer(await self.change(update_profile, self.body(ProfileBody)))

    @hashes_password
    @session_only
    async def delete(self) -> None:
        body = self.body(AccountDeletionBody)
        await self.limit_account(self.caller.user_id)
        await self.answer_position()
        await self.dependencies.accounts.delete(self.caller.user_id, body.password)
        self.dependencies.credentials_changed(self.caller.user_id)
        self.answer(message="Account deleted successfully")


class PasswordHandler(ApiHandler):
    @hashes_password
    @session_only
    async def post(self) -> None:
        body = self.body(PasswordChangeBody)
        await self.limit_account(self.caller.user_id)
        await self.answer_position()
        caller = self.caller
        await self.dependencies.accounts.change_password(caller.user_id, caller.credential_id, body)
        self.dependencies.credentials_changed(caller.user_id)
        self.answer(message="Password changed successfully")

"""What every REST handler stands on: who calls, the body, three ways to the database, the answer and its headers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel
from tornado.web import RequestHandler

from handlers.access import Access, access_of, authorize
from handlers.dependencies import Dependencies
from handlers.envelopes import page_meta, success
from handlers.rate_limited import Cost, RateLimitedHandler, cost_of
from realtime_app.auth.caller import Caller
from realtime_app.errors import (
    AuthenticationFailed,
    MalformedBody,
    MethodNotAllowed,
    UnsupportedMediaType,
    ValidationFailed,
)
from realtime_app.schemas.fields import PageQuery, parse, wrong_identifiers
from realtime_app.store.engine import Connection
from realtime_app.store.unit_of_work import Author, UnitOfWork

PATH_IDS = ("id", "sid")
"""What errors call the ids of a path, in their order."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Model = TypeVar("Model", bound=BaseModel)


class ApiHandler(RateLimitedHandler):
    """A method parses, calls one service through `read`, `change` or `transact`, and answers.

    The caller is checked and counted before the body arrives.
    """

    keeps_body: ClassVar[bool] = True
    caller: Caller

    def __init_subclass__(cls) -> None:
        # HEAD goes with GET (RFC 9110, 9.1): Tornado leaves the body out by itself.
        cls.head = cls.get

    def initialize(self, dependencies: Dependencies, route: str) -> None:
        super().initialize(dependencies, route)
        self._etag: str | None = None

    def set_default_headers(self) -> None:
        super().set_default_headers()
        if hasattr(self, "caller"):
            self.set_header("Cache-Control", "private, no-cache")

    async def admit(self) -> None:
        method = getattr(self, (self.request.method or "").lower())
        if method.__func__ is RequestHandler._unimplemented_method:
            self.limit_address()
            allowed = ", ".join(self.allowed_methods())
            raise MethodNotAllowed(f"{self.request.method} is not allowed here; use {allowed}")
        if cost_of(method) is Cost.PASSWORD and not self._was_asked_for():
            # Any page may send such a request unseen: it would use up its visitor's limit, or register accounts.
            self.refuse_foreign_pages()
        access = access_of(method)
        if access is Access.PUBLIC:
            await self.limit_stranger(method)
        else:
            await self._authenticate()
            await self.limit_caller(method, self.caller)
            authorize(self.caller, access)

    def _was_asked_for(self) -> bool:
        """A foreign page sends this only after a preflight, which knows the listed origins (Fetch standard, 4.9)."""
        media_type = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return self.request.method != "POST" or media_type == "application/json"

    # What came in

    def body(self, model: type[Model]) -> Model:
        """The body as `model`. Raises MalformedBody, UnsupportedMediaType or ValidationFailed."""
        return self._parse(model, self._json())

    def query(self, model: type[Model]) -> Model:
        """The query parameters as `model`; of a repeated one the last counts. Raises ValidationFailed."""
        arguments = self.request.query_arguments
        return self._parse(model, {name: values[-1].decode(errors="replace") for name, values in arguments.items()})

    def identifier(self, value: str) -> str:
        """An id of the path, in its canonical spelling. Raises ValidationFailed."""
        if wrong := self._wrong_ids():
            raise ValidationFailed(wrong)
        return value.lower()

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        # What is no UTF-8 is no id and no known path, and is told so like any other.
        return value.decode(errors="replace")

    def if_match(self) -> frozenset[int] | None:
        """The versions that If-Match allows, None when it asks for nothing; of `"3-7"` the first part counts."""
        header = self.request.headers.get("If-Match")
        if header is None or header.strip() == "*":
            return None
        return frozenset(int(version) for version in re.findall(r'"(\d{1,10})(?:-\d{1,10})?"', header))

    # The three ways to the database

    async def read(
        self,
        service: Callable[Concatenate[Connection, str, Arguments], Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Calls `service(connection, user_id, …)` when it is the user's turn, as a few of them may read at a time."""
        async with self.dependencies.readers.turn(self.caller.user_id):
            return await self.read_at_once(service, *args, **kwargs)

    async def read_at_once(
        self,
        service: Callable[Concatenate[Connection, str, Arguments], Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """As `read`, for what waits for no turn. The position is taken first: following from it loses nothing."""
        await self.answer_position()
        async with self.dependencies.database.reading() as connection:
            return await service(connection, self.caller.user_id, *args, **kwargs)

    async def change(
        self,
        service: Callable[Concatenate[UnitOfWork, Arguments], Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Calls `service(unit, …)` in a unit of work: for what changes tasks, blocks or the profile."""
        work: Callable[[UnitOfWork], Awaitable[Result]] = partial(_call, service, args, kwargs)
        committed = await self.dependencies.units.run(self._author(), work)
        self._set_position(committed.last_event_id, committed.epoch)
        return committed.result

    async def transact(
        self,
        service: Callable[Concatenate[Connection, str, Arguments], Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Calls `service(connection, user_id, …)` in a transaction without events: for keys, sessions, passwords."""
        await self.answer_position()
        async with self.dependencies.database.writing() as connection:
            return await service(connection, self.caller.user_id, *args, **kwargs)

    # The answer

    async def answer_position(self) -> None:
        """Tells where the caller's event log stands, in the headers: to be called before data is read."""
        self._set_position(*await self.dependencies.position_of(self.caller.user_id))

    def answer(
        self, data: Any = None, *, status: int = 200, message: str | None = None, etag: str | None = None
    ) -> None:
        self._etag = etag
        if etag is not None and self.request.method not in ("GET", "HEAD"):
            self.set_header("ETag", etag)  # Tornado asks `compute_etag` for answers to GET and HEAD alone
        self.set_status(status)
        self.finish(success(data, message=message))

    def forbid_storing(self) -> None:
        """For an answer that holds a secret."""
        self.set_header("Cache-Control", "private, no-cache, no-store")

    def answer_page(self, rows: list[Any], total: int, query: PageQuery) -> None:
        self.finish(success(rows, meta=page_meta(page=query.page, limit=query.limit, total=total)))

    def compute_etag(self) -> str | None:
        return self._etag or super().compute_etag()

    async def _authenticate(self) -> None:
        headers = self.request.headers
        authenticate = self.dependencies.authenticator.authenticate
        try:
            self.caller = await authenticate(headers.get("Authorization"), headers.get("X-API-Key"))
        except AuthenticationFailed:
            self.limit_address()
            raise
        self.set_header("Cache-Control", "private, no-cache")

    def _author(self) -> Author:
        return Author(self.caller.user_id, self.caller.actor, self._origin())

    def _origin(self) -> str | None:
        connection_id = self.request.headers.get("X-Connection-Id")
        if connection_id is None or not self.caller.is_session:
            return None
        try:
            return str(UUID(connection_id))
        except ValueError:
            return None

    def _set_position(self, last_event_id: int, epoch: str) -> None:
        self.set_header("Last-Event-Id", str(last_event_id))
        self.set_header("Event-Epoch", epoch)

    def _parse(self, model: type[Model], data: Mapping[str, Any]) -> Model:
        """Wrong ids of the path are told along with wrong fields."""
        try:
            return parse(model, data)
        except ValidationFailed as failed:
            raise ValidationFailed(self._wrong_ids() | failed.errors) from None

    def _wrong_ids(self) -> dict[str, list[str]]:
        return wrong_identifiers(dict(zip(PATH_IDS, self.path_args, strict=False)))

    def _json(self) -> Mapping[str, Any]:
        if not self.received_body.strip():
            return {}
        self._refuse_other_media_types()
        try:
            parsed = orjson.loads(self.received_body)
        except orjson.JSONDecodeError as error:
            raise MalformedBody(f"The body is not valid JSON: {error.msg} (line {error.lineno})") from None
        if not isinstance(parsed, dict):
            raise MalformedBody("The body must be a JSON object")
        return parsed

    def _refuse_other_media_types(self) -> None:
        media_type = self.request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise UnsupportedMediaType(f"Send JSON with Content-Type application/json, not {media_type}")


async def _call(service: Callable[..., Awaitable[Result]], args: Any, kwargs: Any, unit: UnitOfWork) -> Result:
    return await service(unit, *args, **kwargs)

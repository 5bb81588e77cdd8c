"""The URL table: complete, in the right order, and open to nobody by accident."""

import re
from pathlib import Path

import pytest

from handlers.access import Access, access_of, public
from handlers.base import ApiHandler
from handlers.bounded_body import BoundedBodyHandler
from handlers.routes import ROUTES, check_access, route_name
from tests.app import RunningApp

pytestmark = pytest.mark.sqlite_suffices

PUBLIC_PATHS = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/auth/register",
    "/auth/login",
    "/",
    "/app",
    "/app/{path}",
    "{path}",
}

PAGES = {"/", "/app", "/app/{path}", "/assets/{file}", "{path}"}
API_DOCUMENT = Path(__file__).resolve().parents[2] / "docs/api.md"


def handler_of(path: str) -> type[BoundedBodyHandler]:
    return next(handler for pattern, handler in ROUTES if re.fullmatch(pattern, path))


def with_nameless_ids(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def methods_of(handler: type[BoundedBodyHandler]) -> set[str]:
    return set(handler.allowed_methods()) - {"OPTIONS"}


def test_a_method_that_does_not_say_who_may_call_it_is_refused() -> None:
    class Forgetful(ApiHandler):
        @public
        def get(self) -> None: ...

        def post(self) -> None: ...

    with pytest.raises(TypeError, match=r"Forgetful\.post"):
        check_access(Forgetful)


def test_only_these_paths_are_public() -> None:
    found = {
        route_name(pattern)
        for pattern, handler in ROUTES
        if issubclass(handler, ApiHandler)
        for method in methods_of(handler)
        if access_of(getattr(handler, method.lower())) is Access.PUBLIC
    }
    assert found == PUBLIC_PATHS


def test_every_pattern_can_be_reached() -> None:
    for pattern, handler in ROUTES:
        path = re.sub(r"\([^)]*\)", "x", pattern)
        assert handler_of(path) is handler, pattern


def test_route_names_are_readable_and_unique() -> None:
    names = [route_name(pattern) for pattern, _ in ROUTES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\w/{}-]+", name) for name in names)


def test_every_route_of_the_api_is_documented_with_its_methods() -> None:
    served = {
        (method, with_nameless_ids(route_name(pattern)))
        for pattern, handler in ROUTES
        if route_name(pattern) not in PAGES
        for method in methods_of(handler) - {"HEAD"}
    }
    documented = {
        (method, with_nameless_ids(path))
        for methods, path in re.findall(r"((?:`[A-Z]+`, )*`[A-Z]+) (/[^`?]*)`", API_DOCUMENT.read_text())
        for method in re.findall(r"[A-Z]+", methods)
    }
    assert documented == served


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("pattern", "handler"),
    [route for route in ROUTES if issubclass(route[1], ApiHandler)],
    ids=lambda value: str(value),
)
async def test_a_stranger_gets_401_wherever_a_credential_is_asked_for(
    app: RunningApp, pattern: str, handler: type[ApiHandler]
) -> None:
    path = re.sub(r"\([^)]*\)", "00000000-0000-4000-8000-000000000000", pattern)
    for method in methods_of(handler):
        if access_of(getattr(handler, method.lower())) is not Access.PUBLIC:
            assert (await app.fetch(method, path)).status == 401, f"{method} {path}"

"""Who may call a handler's method. Every method says so; the route table refuses one that doesn't."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, TypeVar

from realtime_app.auth.caller import Caller
from realtime_app.core.scopes import Scope

Method = TypeVar("Method", bound=Callable[..., Any])

_ATTRIBUTE = "access"


class Access(Enum):
    """What is asked besides a scope."""

    PUBLIC = auto()
    ANY_CREDENTIAL = auto()
    SESSION = auto()


def needs_scope(scope: Scope) -> Callable[[Method], Method]:
    """Sessions may; a key needs the scope."""
    return _marks(Scope(scope))


def session_only(method: Method) -> Method:
    """Logged-in people only: a key is refused, whatever its scopes."""
    return _marks(Access.SESSION)(method)


def any_credential(method: Method) -> Method:
    """Any valid session or key."""
    return _marks(Access.ANY_CREDENTIAL)(method)


def public(method: Method) -> Method:
    """No credential is looked at."""
    return _marks(Access.PUBLIC)(method)


def access_of(method: Callable[..., Any]) -> Access | Scope:
    """Raises TypeError for a method that doesn't say who may call it."""
    access = getattr(method, _ATTRIBUTE, None)
    if not isinstance(access, (Access, Scope)):
        raise TypeError(f"{method.__qualname__} doesn't say who may call it: see handlers/access.py")
    return access


def authorize(caller: Caller, access: Access | Scope) -> None:
    """Raises ScopeMissing or SessionRequired."""
    if isinstance(access, Scope):
        caller.require(access)
    elif access is Access.SESSION:
        caller.require_session()


def _marks(access: Access | Scope) -> Callable[[Method], Method]:
    def mark(method: Method) -> Method:
        setattr(method, _ATTRIBUTE, access)
        return method

    return mark

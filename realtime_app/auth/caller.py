"""Who makes a request or holds a connection, once the credential was checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from realtime_app.core.events import Actor
from realtime_app.core.scopes import Scope
from realtime_app.errors import ScopeMissing, SessionRequired


@dataclass(frozen=True, slots=True)
class Caller:
    """A person's session or an agent's key.

    `credential_id` is the session's `sid` or the key's id: what a revocation names. `public_id` and `name` are what
    events show of it. `expires_at` is the token's or the key's; None never expires.
    """

    user_id: str
    kind: Literal["session", "key"]
    credential_id: str
    public_id: str
    name: str
    scopes: frozenset[Scope]
    expires_at: datetime | None

    @property
    def is_session(self) -> bool:
        return self.kind == "session"

    @property
    def actor(self) -> Actor:
        return {"kind": self.kind, "id": self.public_id, "name": self.name}

    def require(self, scope: Scope) -> None:
        """Raises ScopeMissing; a session may do everything."""
        if scope not in self.scopes:
            raise ScopeMissing(scope)

    def require_session(self) -> None:
        """Raises SessionRequired for API keys."""
        if not self.is_session:
            raise SessionRequired


@dataclass(frozen=True, slots=True)
class Standing:
    """What a session or key may do at this moment. `expires_at` is a key's: the tokens of a session carry their own."""

    scopes: frozenset[Scope]
    expires_at: datetime | None

    def fits(self, caller: Caller) -> bool:
        """Whether a connection that was opened as `caller` may go on as it is."""
        return self.scopes == caller.scopes and (caller.is_session or self.expires_at == caller.expires_at)

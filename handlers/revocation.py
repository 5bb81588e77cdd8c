"""After the commit that ended or changed credentials: this process forgets what it knew, and everybody is told."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.dependencies import Dependencies
from realtime_app.auth.caller import CredentialChange


def revoke(
    dependencies: Dependencies, user_id: str, credential_ids: Sequence[str] | None, change: CredentialChange = "ended"
) -> None:
    """`credential_ids` None means all that the user has; an empty list means nothing happened."""
    if credential_ids is None:
        dependencies.authenticator.forget_user(user_id)
    elif credential_ids:
        dependencies.authenticator.forget(*credential_ids)
    else:
        return
    dependencies.revoked(user_id, credential_ids, change)

"""The errors that a caller may see, as one tree. `handlers/envelopes.py` turns a leaf into the wire's error envelope.

AppError
├── ValidationFailed       VALIDATION_ERROR          fields that are wrong, all at once
├── MalformedBody          BAD_REQUEST               not JSON at all
├── AuthenticationFailed   AUTHENTICATION_ERROR      no, bad, expired or revoked credential
│   ├── CredentialMissing
│   ├── TokenInvalid
│   ├── TokenExpired
│   ├── SessionEnded
│   ├── KeyInvalid
│   ├── AccountGone
│   └── LoginFailed                                  unknown email or wrong password: never told apart
├── ScopeMissing           AUTHORIZATION_ERROR       a valid key that may not do this
├── SessionRequired        AUTHORIZATION_ERROR       a valid key on a route for logged-in people
├── ForeignOrigin          AUTHORIZATION_ERROR       a page of another origin wants a socket, or a password checked
├── RegistrationClosed     AUTHORIZATION_ERROR       this server takes no new accounts
├── NotFound               NOT_FOUND_ERROR           unknown, or somebody else's
├── MethodNotAllowed       METHOD_NOT_ALLOWED
├── Conflict               CONFLICT_ERROR
├── VersionStale           PRECONDITION_FAILED       If-Match named an older version
├── BodyTooLarge           PAYLOAD_TOO_LARGE
├── UnsupportedMediaType   UNSUPPORTED_MEDIA_TYPE
├── TooManyRequests        RATE_LIMITED
├── Unavailable            SERVICE_UNAVAILABLE
│   ├── DatabaseUnavailable
│   └── RealtimeUnavailable
└── CommitUnknown          COMMIT_UNKNOWN            the commit's outcome could not be found out
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """The `error.code` of the wire."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    BAD_REQUEST = "BAD_REQUEST"
    AUTHENTICATION_ERROR = "AUTHENTICATION_ERROR"
    AUTHORIZATION_ERROR = "AUTHORIZATION_ERROR"
    NOT_FOUND_ERROR = "NOT_FOUND_ERROR"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    CONFLICT_ERROR = "CONFLICT_ERROR"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    COMMIT_UNKNOWN = "COMMIT_UNKNOWN"


class AppError(Exception):
    """A failure with a sentence for the person who reads it. `retry_after_seconds` becomes Retry-After."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_ERROR

    def __init__(self, message: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class ValidationFailed(AppError):
    """`errors` maps a field's path (`preferences.themeMode`) to its reasons; the message names every one of them."""

    code = ErrorCode.VALIDATION_ERROR

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {field: list(reasons) for field, reasons in errors.items()}
        super().__init__("; ".join(f"{field}: {', '.join(reasons)}" for field, reasons in self.errors.items()))


class MalformedBody(AppError):
    code = ErrorCode.BAD_REQUEST


class AuthenticationFailed(AppError):
    code = ErrorCode.AUTHENTICATION_ERROR


class CredentialMissing(AuthenticationFailed):
    def __init__(self) -> None:
        super().__init__("Log in, or send an API key")


class TokenInvalid(AuthenticationFailed):
    def __init__(self, message: str = "This login is not valid; log in again") -> None:
        super().__init__(message)


class TokenExpired(AuthenticationFailed):
    def __init__(self) -> None:
        super().__init__("This login has expired; log in again")


class SessionEnded(AuthenticationFailed):
    def __init__(self) -> None:
        super().__init__("This session was ended; log in again")


class KeyInvalid(AuthenticationFailed):
    """Unknown, inactive or expired."""

    def __init__(self, message: str = "This API key is not known") -> None:
        super().__init__(message)


class AccountGone(AuthenticationFailed):
    def __init__(self) -> None:
        super().__init__("This account no longer exists")


class LoginFailed(AuthenticationFailed):
    def __init__(self) -> None:
        super().__init__("The email or the password is wrong")


class ScopeMissing(AppError):
    code = ErrorCode.AUTHORIZATION_ERROR

    def __init__(self, scope: str) -> None:
        super().__init__(f"This API key lacks the scope {scope}")


class SessionRequired(AppError):
    code = ErrorCode.AUTHORIZATION_ERROR

    def __init__(self) -> None:
        super().__init__("API keys can't be used here; log in instead")


class ForeignOrigin(AppError):
    code = ErrorCode.AUTHORIZATION_ERROR

    def __init__(self) -> None:
        super().__init__("Pages of this origin may not connect; the server's CORS_ORIGIN lists those that may")


class RegistrationClosed(AppError):
    code = ErrorCode.AUTHORIZATION_ERROR

    def __init__(self) -> None:
        super().__init__("This server takes no new accounts; ask its administrator for one")


class NotFound(AppError):
    """`what` is the noun of the missing thing, capitalised: `Task not found`."""

    code = ErrorCode.NOT_FOUND_ERROR

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not found")


class MethodNotAllowed(AppError):
    code = ErrorCode.METHOD_NOT_ALLOWED


class Conflict(AppError):
    code = ErrorCode.CONFLICT_ERROR


class VersionStale(AppError):
    """`current` is the row as it now stands, in the wire's shape; it travels as `error.current`."""

    code = ErrorCode.PRECONDITION_FAILED

    def __init__(self, what: str, current: Mapping[str, Any]) -> None:
        super().__init__(f"{what} was changed meanwhile; it is now at version {current['version']}")
        self.current = current


class BodyTooLarge(AppError):
    code = ErrorCode.PAYLOAD_TOO_LARGE


class UnsupportedMediaType(AppError):
    code = ErrorCode.UNSUPPORTED_MEDIA_TYPE


class TooManyRequests(AppError):
    code = ErrorCode.RATE_LIMITED


class Unavailable(AppError):
    code = ErrorCode.SERVICE_UNAVAILABLE


class DatabaseUnavailable(Unavailable):
    """The database is away or too busy to take this."""

    def __init__(self, message: str = "The database can't be reached; try again shortly") -> None:
        super().__init__(message, retry_after_seconds=2)


class RealtimeUnavailable(Unavailable):
    """Realtime is switched off in this process: it takes a restart to change that."""

    def __init__(self) -> None:
        reason = "Realtime is switched off on this server: REDIS_URL is not set"
        super().__init__(reason, retry_after_seconds=60)


class CommitUnknown(AppError):
    """Never retried by itself: the change may or may not have been written."""

    code = ErrorCode.COMMIT_UNKNOWN

    def __init__(self) -> None:
        super().__init__("The connection to the database broke during the commit; look whether the change was made")

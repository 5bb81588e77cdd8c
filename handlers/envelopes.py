"""The one shape of answers: success, lists, and the table from error to status."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import orjson
from tornado.web import HTTPError

from realtime_app import errors
from realtime_app.errors import AppError, ErrorCode

STATUSES = {
    ErrorCode.VALIDATION_ERROR: HTTPStatus.BAD_REQUEST,
    ErrorCode.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    ErrorCode.AUTHENTICATION_ERROR: HTTPStatus.UNAUTHORIZED,
    ErrorCode.AUTHORIZATION_ERROR: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND_ERROR: HTTPStatus.NOT_FOUND,
    ErrorCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ErrorCode.CONFLICT_ERROR: HTTPStatus.CONFLICT,
    ErrorCode.PRECONDITION_FAILED: HTTPStatus.PRECONDITION_FAILED,
    ErrorCode.PAYLOAD_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    ErrorCode.SERVICE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.COMMIT_UNKNOWN: HTTPStatus.SERVICE_UNAVAILABLE,
}


def success(data: Any = None, *, message: str | None = None, meta: dict[str, int] | None = None) -> bytes:
    """`data` is left out when there is a message and no data."""
    body: dict[str, Any] = {"success": True}
    if data is not None or message is None:
        body["data"] = data
    if meta is not None:
        body["meta"] = meta
    if message is not None:
        body["message"] = message
    return orjson.dumps(body)


def page_meta(*, page: int, limit: int, total: int) -> dict[str, int]:
    return {"page": page, "limit": limit, "total": total, "totalPages": math.ceil(total / limit)}


def failure(error: AppError, *, data: Any = None) -> bytes:
    """`data` goes with a refusal that has something to tell all the same."""
    detail: dict[str, Any] = {"code": error.code, "message": error.message, "statusCode": STATUSES[error.code]}
    if isinstance(error, errors.ValidationFailed):
        detail["errors"] = error.errors
    if isinstance(error, errors.VersionStale):
        detail["current"] = error.current
    body = {"success": False, "error": detail}
    return orjson.dumps(body if data is None else body | {"data": data})


def as_app_error(error: BaseException | None) -> AppError:
    """What the caller may see of an exception: Tornado's own refusals by their status, anything else as a bare 500."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, HTTPError):
        return _from_status(error.status_code)
    return AppError("Something went wrong on our side; the request id helps to find it in the log")


def _from_status(status: int) -> AppError:
    match status:
        case HTTPStatus.FORBIDDEN:
            return errors.ForeignOrigin()
        case HTTPStatus.NOT_FOUND:
            return errors.NotFound("Route")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return errors.MethodNotAllowed("This method is not allowed here")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return errors.BodyTooLarge("The body is too large")
        case _ if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return errors.MalformedBody("The request could not be understood")
        case _:
            return as_app_error(None)

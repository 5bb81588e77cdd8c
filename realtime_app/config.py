"""The settings: read once from the environment and `.env`, checked together, frozen.

`.env.example` lists them for people; a test holds the two together.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from redis.asyncio.connection import parse_url
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from realtime_app.core.durations import format_duration, parse_duration
from realtime_app.core.redis_url import SCHEMES, redis_hosts

MEMORY_URL = "memory://"

SECRET_BYTES = 32
"""HS256 wants a key at least as long as its hash."""

LONGEST_SECONDS = 36_500 * 86400.0
"""A hundred years, counted from today or back: the calendar of dates that we reckon with goes further on both sides."""

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s@]+", re.ASCII)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsInvalid(Exception):
    """`problems` holds one line for each setting that is wrong; no value of a setting is in it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("these settings are wrong:\n" + "\n".join(f"  {problem}" for problem in problems))


def _wrong(reason: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", "{reason}", {"reason": reason})


def _seconds(value: object) -> object:
    try:
        return parse_duration(value) if isinstance(value, str) else value
    except ValueError as error:
        raise _wrong(str(error)) from None


def _within_a_lifetime(value: float) -> float:
    if value > LONGEST_SECONDS:
        raise _wrong(f"must be {format_duration(LONGEST_SECONDS)} or less")
    return value


def _listed(value: object) -> object:
    """Comma-separated; `none` is the empty list, since an empty variable counts as one that isn't set."""
    if not isinstance(value, str):
        return value
    words = [word for part in value.split(",") if (word := part.strip())]
    return () if words == ["none"] else tuple(words)


def _origin(value: str) -> str:
    origin = value.lower().rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise _wrong("must be origins like https://app.example.org, comma-separated, or none")
    return origin


def _network(value: object) -> object:
    try:
        return ipaddress.ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise _wrong("must be addresses or networks like 10.0.0.0/8, comma-separated") from None


def _named(variable: str) -> Any:
    return Field(validation_alias=variable)


Seconds = Annotated[float, BeforeValidator(_seconds)]
LongSeconds = Annotated[Seconds, AfterValidator(_within_a_lifetime)]
Requests = Annotated[int, Field(ge=1, le=100_000)]
Origins = Annotated[tuple[Annotated[str, BeforeValidator(_origin)], ...], NoDecode, BeforeValidator(_listed)]
Networks = Annotated[tuple[Annotated[Network, BeforeValidator(_network)], ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """A field is the environment variable of its name in capitals, unless it names another."""

    model_config = SettingsConfigDict(
        frozen=True,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 3001
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    drain_seconds: Annotated[Seconds, Field(ge=0, le=600)] = 10

    database_url: str = "sqlite+aiosqlite:///var/realtime.db"
    database_pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    database_lookup_pool_size: Annotated[int, Field(ge=1, le=100)] = 4
    database_statement_cache: Annotated[int, Field(ge=0, le=10_000)] = 200
    database_pooler: Literal["none", "transaction"] = "none"

    redis_url: str | None = None
    redis_prefix: Annotated[str, Field(max_length=100)] = ""

    # Stands after the two URLs, for whether it may be missing depends on them.
    jwt_secret: SecretStr = SecretStr("")
    jwt_secret_previous: SecretStr | None = None
    jwt_expires_in_seconds: Annotated[LongSeconds, Field(ge=1), _named("JWT_EXPIRES_IN")] = 7 * 86400
    session_max_age_seconds: Annotated[LongSeconds, Field(ge=1), _named("SESSION_MAX_AGE")] = 90 * 86400
    registration: Literal["open", "closed"] = "open"

    cors_origins: Annotated[Origins, _named("CORS_ORIGIN")] = ("http://localhost:3000",)
    trusted_proxies: Networks = ()
    rate_limit_enabled: bool = True
    rate_limit_session_per_minute: Requests = 1200
    rate_limit_session_burst: Requests = 300
    rate_limit_key_per_minute: Requests = 600
    rate_limit_key_burst: Requests = 100
    rate_limit_address_per_minute: Requests = 300
    rate_limit_address_burst: Requests = 100
    rate_limit_login_per_minute: Requests = 10

    ws_ping_interval_seconds: Annotated[Seconds, Field(ge=1), _named("WS_PING_INTERVAL")] = 30
    ws_ping_timeout_seconds: Annotated[Seconds, Field(ge=1), _named("WS_PING_TIMEOUT")] = 20
    ws_max_connections_per_user: Annotated[int, Field(ge=1)] = 50
    # A replay has up to a page of the log and an event under way: 384 KiB.
    ws_output_limit_bytes: Annotated[int, Field(ge=512 * 1024)] = 1024 * 1024
    event_retention_seconds: Annotated[LongSeconds, Field(ge=60), _named("EVENT_RETENTION")] = 7 * 86400
    sweep_interval_seconds: Annotated[Seconds, Field(ge=1, le=3600)] = 10

    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    fault_die_after_commits: Annotated[int, Field(ge=0)] = 0

    @field_validator("tls_key_file")
    @classmethod
    def _check_tls(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        certificate = info.data.get("tls_certificate_file")
        if (certificate is None) != (value is None):
            raise _wrong("must be set when TLS_CERTIFICATE_FILE is, and only then")
        try:
            _tls_context(certificate, value)
        except OSError as error:
            raise _wrong(f"and TLS_CERTIFICATE_FILE can't be used: {error.strerror}") from None
        return value

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            raise _wrong("must be a URL like postgresql+asyncpg://user:password@host/database") from None
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        if url.drivername not in _DRIVERS.values():
            raise _wrong("must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://")
        if _is_sqlite(url) and url.database in (None, "", ":memory:"):
            raise _wrong("must name a file: sqlite+aiosqlite:///var/realtime.db")
        return url.render_as_string(hide_password=False)

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, value: str | None) -> str | None:
        if value not in (None, MEMORY_URL):
            _parse_redis_url(str(value))
        return value

    @field_validator("redis_prefix")
    @classmethod
    def _check_redis_prefix(cls, value: str, info: ValidationInfo) -> str:
        if "{" in value and "+cluster://" in str(info.data.get("redis_url")):
            raise _wrong("must not contain { with a Redis Cluster: all channels would be on one node")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _check_jwt_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        earlier = info.data
        if value.get_secret_value() or not {"database_url", "redis_url"} <= earlier.keys():
            return _long_enough(value)
        if not _is_single_process(earlier["database_url"], earlier["redis_url"]):
            raise _wrong(f"is required with PostgreSQL or Redis: {SECRET_BYTES} bytes or more, as openssl rand -hex 32")
        return value

    @field_validator("jwt_secret_previous")
    @classmethod
    def _check_jwt_secret_previous(cls, value: SecretStr | None) -> SecretStr | None:
        return value and _long_enough(value)

    @property
    def tls_context(self) -> ssl.SSLContext | None:
        """Of the server's side; None when it speaks without TLS."""
        return _tls_context(self.tls_certificate_file, self.tls_key_file)

    @property
    def has_transaction_pooler(self) -> bool:
        """Said outright, or by keeping no prepared statements, which nothing else is a reason for."""
        return self.database_pooler == "transaction" or self.database_statement_cache == 0

    @property
    def database_file(self) -> Path | None:
        """The file of the SQLite database; None with PostgreSQL."""
        url = make_url(self.database_url)
        return Path(str(url.database)) if _is_sqlite(url) else None


def read_settings(**overrides: Any) -> Settings:
    """Reads the environment and `.env`; `overrides` by field name win. Raises SettingsInvalid."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsInvalid([_problem(detail) for detail in error.errors(include_url=False)]) from None


def variable_of(field: str) -> str:
    """The environment variable of a field."""
    return str(Settings.model_fields[field].validation_alias or field.upper())


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _is_single_process(database_url: str, redis_url: str | None) -> bool:
    return _is_sqlite(make_url(database_url)) and redis_url in (None, MEMORY_URL)


def _tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None or key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # Without a password given here, a key that has one would ask for it at the terminal.
    context.load_cert_chain(certificate, key, password="")
    return context


def _parse_redis_url(value: str) -> None:
    if not value.startswith(SCHEMES):
        raise _wrong("must be memory:// or begin with redis://, unix://, redis+sentinel:// or redis+cluster://")
    try:
        several = redis_hosts(value)
    except ValueError as error:
        raise _wrong(str(error)) from None
    try:
        parse_url(several.server_url(several.hosts[0]) if several else value)
    except (ValueError, TypeError):
        raise _wrong("must be a URL like redis://:password@host:6379/0") from None


def _long_enough(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if value and len(value.encode()) < SECRET_BYTES:
        raise _wrong(f"is too short: {SECRET_BYTES} bytes or more, as openssl rand -hex 32 makes them")
    return secret


_REASONS = {
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "value_error": "is not valid",
    "string_too_long": "must be {max_length} characters or fewer",
}


def _problem(detail: ErrorDetails) -> str:
    template = _REASONS.get(detail["type"])
    reason = template.format(**detail.get("ctx", {})) if template else detail["msg"]
    return f"{str(detail['loc'][0]).upper()} {reason}"

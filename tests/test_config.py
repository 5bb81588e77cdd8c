"""Settings: what may be written, what is refused and how, and that `.env.example` tells the truth."""

import re
from pathlib import Path

import pytest

from realtime_app.config import MEMORY_URL, Settings, SettingsInvalid, read_settings, variable_of
from tests.realtime.tls import make_certificate

EXAMPLE = Path(__file__).parent.parent / ".env.example"
SECRET = "a secret of more than thirty-two bytes"
CLUSTER = {"DATABASE_URL": "postgresql+asyncpg://u:p@db/planner", "REDIS_URL": "redis://redis", "JWT_SECRET": SECRET}


@pytest.fixture(autouse=True)
def bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of this machine's, and an empty current folder."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    set_all(monkeypatch, variables)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    return refused.value.problems


def examples() -> dict[str, str]:
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def test_the_defaults_need_nothing() -> None:
    settings = read_settings()
    assert settings.database_file == Path("var/realtime.db")
    assert settings.redis_url is None
    assert settings.cors_origins == ("http://localhost:3000",)
    assert settings.jwt_expires_in_seconds == 7 * 86400


def test_the_example_file_lists_every_setting_and_no_other() -> None:
    assert examples().keys() == {variable_of(field) for field in Settings.model_fields}


def test_the_example_file_shows_the_defaults(tmp_path: Path) -> None:
    defaults = read_settings()
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in examples().items()))
    assert read_settings() == defaults


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=4000\nHOST=::1\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("PORT", "5000")
    settings = read_settings()
    assert (settings.host, settings.port) == ("::1", 5000)


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "5000")
    assert read_settings(port=6000).port == 6000


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"REDIS_URL": "", "PORT": "", "CORS_ORIGIN": ""})
    assert read_settings() == Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().port = 1  # type: ignore[misc]


def test_everything_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problems(
        monkeypatch,
        PORT="high",
        DRAIN_SECONDS="9999",
        DATABASE_URL="mysql://u:hidden@h/d",
        REDIS_URL="http://:hidden@h",
        JWT_SECRET="hidden",
        JWT_EXPIRES_IN="soon",
        CORS_ORIGIN="*",
        TRUSTED_PROXIES="10.0.0.0/8,proxy",
        RATE_LIMIT_ENABLED="perhaps",
        LOG_FORMAT="xml",
    )
    assert found == [
        "PORT must be a whole number",
        "DRAIN_SECONDS must be 600 or less",
        "DATABASE_URL must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://",
        "REDIS_URL must be memory:// or begin with redis://, unix://, redis+sentinel:// or redis+cluster://",
        "JWT_SECRET is too short: 32 bytes or more, as openssl rand -hex 32 makes them",
        "JWT_EXPIRES_IN must be a duration like 30s, 15m, 12h or 7d",
        "CORS_ORIGIN must be origins like https://app.example.org, comma-separated, or none",
        "TRUSTED_PROXIES must be addresses or networks like 10.0.0.0/8, comma-separated",
        "RATE_LIMIT_ENABLED must be true or false",
        "LOG_FORMAT must be 'text' or 'json'",
    ]


def test_a_duration_that_leads_out_of_the_calendar_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    long = dict.fromkeys(("JWT_EXPIRES_IN", "SESSION_MAX_AGE", "EVENT_RETENTION"), "9999999d")
    assert problems(monkeypatch, **long) == [f"{variable} must be 36500d or less" for variable in long]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (
            "redis+sentinel://:hidden@a,b",
            "must name the master after the sentinels: redis+sentinel://host1,host2/mymaster/0",
        ),
        ("redis+cluster://:hidden@a/3", "a Redis Cluster has no database but 0"),
        ("redis+cluster://a?socket_timeout=hidden", "must be a URL like redis://:password@host:6379/0"),
    ],
)
def test_a_wrong_url_of_several_hosts_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    assert problems(monkeypatch, REDIS_URL=url, JWT_SECRET=SECRET) == [f"REDIS_URL {why}"]


def test_a_prefix_that_would_put_all_channels_on_one_node_of_a_cluster_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = problems(monkeypatch, REDIS_URL="redis+cluster://a,b", REDIS_PREFIX="{planner}:", JWT_SECRET=SECRET)
    assert found == ["REDIS_PREFIX must not contain { with a Redis Cluster: all channels would be on one node"]


@pytest.mark.parametrize("missing_or_short", ["", "short"])
@pytest.mark.parametrize("cluster", [{"REDIS_URL": "redis://redis"}, {"DATABASE_URL": "postgresql://u:p@db/planner"}])
def test_a_cluster_needs_a_secret(
    monkeypatch: pytest.MonkeyPatch, cluster: dict[str, str], missing_or_short: str
) -> None:
    (problem,) = problems(monkeypatch, **cluster, JWT_SECRET=missing_or_short)
    assert problem.startswith("JWT_SECRET is ")
    assert "32 bytes or more" in problem


def test_a_cluster_starts_with_all_three(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, CLUSTER)
    settings = read_settings()
    assert settings.database_file is None
    assert settings.jwt_secret.get_secret_value() == SECRET
    assert SECRET not in repr(settings)


def test_a_short_previous_secret_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, JWT_SECRET_PREVIOUS="short")[0].startswith("JWT_SECRET_PREVIOUS is too short")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres://u:p%40ss@db/planner", "postgresql+asyncpg://u:p%40ss@db/planner"),
        ("postgresql://u@db/planner?ssl=require", "postgresql+asyncpg://u@db/planner?ssl=require"),
        ("sqlite:////data/planner.db", "sqlite+aiosqlite:////data/planner.db"),
    ],
)
def test_a_database_url_without_a_driver_gets_ours(monkeypatch: pytest.MonkeyPatch, written: str, meant: str) -> None:
    set_all(monkeypatch, {"DATABASE_URL": written, "JWT_SECRET": SECRET})
    assert read_settings().database_url == meant


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"])
def test_a_database_in_memory_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert problems(monkeypatch, DATABASE_URL=url) == [
        "DATABASE_URL must name a file: sqlite+aiosqlite:///var/realtime.db"
    ]


@pytest.mark.parametrize("url", ["nonsense", "postgresql+asyncpg://h:x:y/z"])
def test_what_is_no_database_url_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert problems(monkeypatch, DATABASE_URL=url, JWT_SECRET=SECRET) == [
        "DATABASE_URL must be a URL like postgresql+asyncpg://user:password@host/database"
    ]


@pytest.mark.parametrize("url", ["redis://host:port", "redis://host?socket_timeout=x"])
def test_what_is_no_redis_url_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert problems(monkeypatch, REDIS_URL=url, JWT_SECRET=SECRET) == [
        "REDIS_URL must be a URL like redis://:password@host:6379/0"
    ]


@pytest.mark.parametrize(
    ("written", "origins"),
    [
        ("https://a.example, http://localhost:5173/", ("https://a.example", "http://localhost:5173")),
        ("tauri://localhost,chrome-extension://abc", ("tauri://localhost", "chrome-extension://abc")),
        ("HTTPS://A.Example", ("https://a.example",)),
        ("none", ()),
    ],
)
def test_origins_are_listed(monkeypatch: pytest.MonkeyPatch, written: str, origins: tuple[str, ...]) -> None:
    monkeypatch.setenv("CORS_ORIGIN", written)
    assert read_settings().cors_origins == origins


@pytest.mark.parametrize("written", ["null", "a.example", "https://a.example/path", "https://u@a.example"])
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    assert problems(monkeypatch, CORS_ORIGIN=written)[0].startswith("CORS_ORIGIN must be origins")


def test_one_process_on_sqlite_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", MEMORY_URL)
    assert read_settings().jwt_secret.get_secret_value() == ""


def test_a_certificate_and_its_key_make_a_context(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    assert read_settings(tls_certificate_file=certificate, tls_key_file=key).tls_context is not None
    assert read_settings().tls_context is None


def test_a_certificate_without_its_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = map(str, make_certificate(tmp_path))
    alone = "TLS_KEY_FILE must be set when TLS_CERTIFICATE_FILE is, and only then"
    assert problems(monkeypatch, TLS_CERTIFICATE_FILE=certificate) == [alone]
    monkeypatch.delenv("TLS_CERTIFICATE_FILE")
    assert problems(monkeypatch, TLS_KEY_FILE=key) == [alone]


@pytest.mark.parametrize("wrong", ["missing.pem", "certificate.pem", "other/key.pem"])
def test_a_key_that_is_not_the_certificates_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    certificate, _ = make_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    make_certificate(tmp_path / "other")
    [problem] = problems(monkeypatch, TLS_CERTIFICATE_FILE=str(certificate), TLS_KEY_FILE=str(tmp_path / wrong))
    assert problem.startswith("TLS_KEY_FILE and TLS_CERTIFICATE_FILE can't be used: ")

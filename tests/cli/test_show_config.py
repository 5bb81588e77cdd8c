"""What `show-config` prints, and what it hides."""

import pytest

from realtime_app.cli.show_config import MASK, shown
from realtime_app.config import Settings, variable_of
from tests.cli.conftest import Run


def test_every_setting_is_printed_as_it_counts_and_secrets_are_masked(run: Run) -> None:
    ended = run(
        "show-config",
        DATABASE_URL="postgresql://user:hidden@db/planner?password=hidden",
        REDIS_URL="rediss://:hidden@redis:6379/0",
        JWT_SECRET="hidden" * 6,
        TRUSTED_PROXIES="10.0.0.0/8",
        JWT_EXPIRES_IN="12h",
    )
    printed = dict(line.split("=", 1) for line in ended.output.splitlines())
    assert printed.keys() == {variable_of(field) for field in Settings.model_fields}
    assert "hidden" not in ended.output
    assert printed["DATABASE_URL"] == f"postgresql+asyncpg://{MASK}@db/planner?password={MASK}"
    assert printed["REDIS_URL"] == f"rediss://{MASK}@redis:6379/0"
    assert (printed["JWT_SECRET"], printed["JWT_SECRET_PREVIOUS"]) == (MASK, "")
    assert (printed["TRUSTED_PROXIES"], printed["JWT_EXPIRES_IN"]) == ("10.0.0.0/8", "12h")


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (None, ""), (7.0, "7s"), (("a", "b"), "a,b")])
def test_values_are_shown_as_one_writes_them(value: object, text: str) -> None:
    assert shown(value) == text

"""Which limits there are, and where they are shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_app.core.token_bucket import Quota
from realtime_app.limits.factory import quotas_of, rate_limits_from, shared_buckets_from
from realtime_app.limits.rate_limits import Limit
from realtime_app.metrics import Metrics
from tests.app import given_settings


def test_the_settings_give_each_limit_its_quota(tmp_path: Path) -> None:
    settings = given_settings(tmp_path, rate_limit_key_burst=7, rate_limit_login_per_minute=3)
    assert quotas_of(settings) == {
        Limit.SESSION: Quota(per_minute=1200, burst=300),
        Limit.KEY: Quota(per_minute=600, burst=7),
        Limit.USER: Quota(per_minute=3600, burst=900),
        Limit.ADDRESS: Quota(per_minute=300, burst=100),
        Limit.LOGIN_ADDRESS: Quota(per_minute=3, burst=3),
        Limit.LOGIN_ACCOUNT: Quota(per_minute=3, burst=3),
    }


def test_a_user_has_three_times_the_larger_quota_of_session_and_key(tmp_path: Path) -> None:
    settings = given_settings(tmp_path, rate_limit_key_per_minute=5000, rate_limit_key_burst=100)
    assert quotas_of(settings)[Limit.USER] == Quota(per_minute=15_000, burst=900)


def test_limits_can_be_switched_off(tmp_path: Path) -> None:
    assert rate_limits_from(given_settings(tmp_path, rate_limit_enabled=False), Metrics()) is None


@pytest.mark.parametrize("redis_url", [None, "memory://"])
def test_without_redis_nothing_is_shared(tmp_path: Path, redis_url: str | None) -> None:
    metrics = Metrics()
    limits = rate_limits_from(given_settings(tmp_path, rate_limit_enabled=True, redis_url=redis_url), metrics)
    assert limits is not None
    assert limits.is_shared
    assert metrics.registry.get_sample_value("rate_limits_shared") == 1


@pytest.mark.gen_test
async def test_limits_wait_for_their_redis(tmp_path: Path) -> None:
    settings = given_settings(tmp_path, rate_limit_enabled=True, redis_url="redis://127.0.0.1:1")
    limits = rate_limits_from(settings, Metrics())
    assert limits is not None
    assert not limits.is_shared
    await limits.close()


@pytest.mark.parametrize(
    "url",
    [
        "unix:///run/redis.sock?db=1",
        "rediss://:secret@localhost",
        "redis+sentinel://a,b/mymaster",
        "rediss+cluster://:secret@a,b",
    ],
)
@pytest.mark.gen_test
async def test_every_kind_of_redis_may_be_named(url: str) -> None:
    await shared_buckets_from(url).close()


def test_what_is_no_url_of_redis_is_refused() -> None:
    with pytest.raises(ValueError, match="not a valid"):
        shared_buckets_from("redis://host:port")

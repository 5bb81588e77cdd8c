import pytest

from realtime_app.core.redis_url import RedisKind, redis_hosts


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "master", "server_url"),
    [
        (
            "redis+sentinel://planner:s%2Fcret@a:26380,b/mymaster/2?socket_keepalive=yes",
            RedisKind.SENTINEL,
            (("a", 26380), ("b", 26379)),
            "mymaster",
            "redis://planner:s%2Fcret@server:6379/2?socket_keepalive=yes",
        ),
        ("rediss+sentinel://a/m", RedisKind.SENTINEL, (("a", 26379),), "m", "rediss://server:6379/0"),
        (
            "redis+cluster://:secret@[::1]:7000,10.0.0.2",
            RedisKind.CLUSTER,
            (("::1", 7000), ("10.0.0.2", 6379)),
            "",
            "redis://:secret@server:6379/0",
        ),
        (
            "rediss+cluster://a/0?ssl_ca_certs=/etc/ca.pem",
            RedisKind.CLUSTER,
            (("a", 6379),),
            "",
            "rediss://server:6379/0?ssl_ca_certs=%2Fetc%2Fca.pem",
        ),
    ],
)
def test_hosts_and_the_url_of_each_server_are_read(
    url: str, kind: RedisKind, hosts: tuple[tuple[str, int], ...], master: str, server_url: str
) -> None:
    several = redis_hosts(url)

    assert several is not None
    assert (several.kind, several.hosts, several.master) == (kind, hosts, master)
    assert several.server_url(("server", 6379)) == server_url


def test_ipv6_address_of_a_server_stands_in_brackets() -> None:
    several = redis_hosts("redis+cluster://host")
    assert several is not None
    assert several.server_url(("::1", 7000)) == "redis://[::1]:7000/0"


def test_credentials_of_the_sentinels_are_not_given_to_the_servers() -> None:
    several = redis_hosts("redis+sentinel://:a@host/m?sentinel_password=b%26c&sentinel_username=d")

    assert several is not None
    assert several.sentinel_options == {"password": "b&c", "username": "d"}
    assert several.server_url(("server", 1)) == "redis://:a@server:1/0"


def test_only_the_place_is_shown() -> None:
    several = redis_hosts("redis+sentinel://planner:secret@a:1,b:2/mymaster/3?sentinel_password=secret")

    assert several is not None
    assert several.shown == "redis+sentinel://a:1,b:2/mymaster"
    assert "secret" not in several.shown


@pytest.mark.parametrize("url", ["", "redis://host", "rediss://u:p+w@host", "unix:///run/redis.sock", "memory://"])
def test_url_of_one_server_is_left_to_redis_py(url: str) -> None:
    assert redis_hosts(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis+other://secret@host", "must be like redis"),
        ("redis+sentinel://", "must be like redis"),
        ("redis+sentinel://:secret@host", "must name the master"),
        ("redis+sentinel://:secret@host/mymaster/x", "must name the master"),
        ("redis+cluster://:secret@host/1", "no database but 0"),
        ("redis+cluster://:secret@a:1,,b", "must name hosts"),
        ("redis+cluster://:secret@a:99999", "must name hosts"),
        ("redis+cluster://:secret@a:port", "must name hosts"),
        ("redis+cluster://:se/cret@a", "must be like redis|must name hosts|no database"),
    ],
)
def test_wrong_url_is_refused_without_being_quoted(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        redis_hosts(url)
    assert "cret" not in str(refused.value)

"""Sessions get names that people recognize."""

from __future__ import annotations

import pytest

from realtime_app.auth.session_names import session_name

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 1) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0 Safari/537.36 Edg/142", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/26.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605 CriOS/142.0 Mobile Safari/604.1",
            "Chrome on iPhone",
        ),
        ("Firefox/1.0", "Firefox"),
        ("curl/8.14.1", "curl"),
        ("python-requests/2.32", "python-requests"),
        ("Mozilla/5.0", "Mozilla"),
        ("<script>alert(1)</script>", "Unknown device"),
        ("", "Unknown device"),
        (None, "Unknown device"),
    ],
)
def test_a_session_is_called_after_its_user_agent(user_agent: str | None, name: str) -> None:
    assert session_name(user_agent) == name


def test_a_long_user_agent_gives_a_short_name() -> None:
    assert len(session_name("x" * 100_000)) == 40

"""What a login is called in lists and events: `Firefox on Linux`, from the User-Agent. Nothing is decided by it."""

from __future__ import annotations

import re

UNKNOWN = "Unknown device"

# The first that matches counts: Edge and Opera also say Chrome, and Chrome also says Safari.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/|\bOpera\b")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS|HeadlessChrome)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("Windows", re.compile(r"\bWindows\b")),
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b|\bX11\b")),
)
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9._ -]{0,39}")
_MAX_READ = 512


def session_name(user_agent: str | None) -> str:
    """Browser and system where they are known, else the program's own name (`curl`), else `Unknown device`."""
    text = (user_agent or "")[:_MAX_READ]
    browser, system = _first(_BROWSERS, text), _first(_SYSTEMS, text)
    if browser is None:
        program = _PROGRAM.match(text.partition("/")[0])
        return program[0].strip() if program else UNKNOWN
    return f"{browser} on {system}" if system else browser


def _first(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str | None:
    return next((name for name, pattern in patterns if pattern.search(text)), None)

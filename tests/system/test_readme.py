"""The README's shell session, run as it is printed against a real server, prints what the README shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.ports import free_port
from tests.servers.process import ServerProcess

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.system

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_INSTANT = r"\d{4}-\d{2}-\d{2}T[\d:.]+Z"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Of a server as `make run` starts it."""
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/realtime.db",
        "REDIS_URL": "memory://",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "realtime_app"]
    subprocess.run([*command, "migrate"], env=environment, cwd=tmp_path, check=True)
    server = ServerProcess([*command, "serve"], tmp_path / "server.log", directory=tmp_path, environment=environment)
    try:
        server.wait_until(lambda: _answers(port))
        yield port
    finally:
        server.terminate()


def _answers(port: int) -> bool:
    probe = ["curl", "-sf", f"http://localhost:{port}/readyz"]
    return subprocess.run(probe, stdout=subprocess.DEVNULL, check=False).returncode == 0


def _session() -> tuple[list[str], list[str]]:
    """The commands of the README's console blocks, and the lines that they print."""
    commands: list[str] = []
    printed: list[str] = []
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append(line[2:])
            elif line.startswith("> "):
                commands[-1] += "\n" + line[2:]
            else:
                printed.append(line)
    return commands, printed


def _pattern(line: str) -> re.Pattern[str]:
    """A printed line with its shortened ids and times, as what really comes."""
    escaped = re.escape(line).replace('"…"', f'"{_INSTANT}"')
    return re.compile(re.sub(r'"[0-9a-f]{4}…"', f'"{_UUID}"', escaped))


def test_the_session_prints_what_the_readme_shows(port: int, tmp_path: Path) -> None:
    commands, printed = _session()
    assert len(commands) >= 4
    program = f"{sys.executable} -m realtime_app"
    script = "\n".join(["set -euo pipefail", *commands]).replace("localhost:3001", f"localhost:{port}")
    script = script.replace(".venv/bin/realtime-app watch", f"{program} watch --url ws://localhost:{port}/ws")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(printed), done.stdout
    for line, shown in zip(lines, printed, strict=True):
        assert _pattern(shown).fullmatch(line), f"the README shows\n{shown}\nbut there came\n{line}"

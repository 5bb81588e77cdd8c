"""The command line as a whole: help, wrong usage, wrong settings, faults."""

import re
from pathlib import Path

import pytest

from realtime_app.cli import main
from realtime_app.cli.exits import ExitCode
from tests.cli.conftest import Run
from tests.servers.planner_process import run_command


def test_the_help_explains_every_exit_code(run: Run) -> None:
    text = run("--help").output
    explained = {int(code) for code in re.findall(r"^    (\d+) ", text, re.MULTILINE)}
    assert explained == {0, *map(int, ExitCode)}


def test_every_command_explains_itself(run: Run) -> None:
    for name in main.commands:
        assert len(run(name, "--help").output.splitlines()) > 6, name


def test_wrong_usage_is_a_line_and_a_code(run: Run) -> None:
    ended = run("serve", "--unix-socket", "x", "--port", "1")
    assert ended.code == 2
    assert "Error: --unix-socket goes with neither --host nor --port" in ended.errors


@pytest.mark.parametrize("half", ["--since=4", "--epoch=x"])
def test_half_a_place_is_wrong_usage(run: Run, half: str) -> None:
    ended = run("watch", "--credential", "x", half)
    assert (ended.code, "Error: --since and --epoch go together" in ended.errors) == (2, True)


def test_wrong_settings_are_named_all_at_once_without_a_traceback(tmp_path: Path) -> None:
    ended = run_command(tmp_path, "serve", PORT="high", LOG_LEVEL="loud")
    assert ended.code == 2
    assert ended.errors.splitlines() == [
        "Error: these settings are wrong:",
        "  PORT must be a whole number",
        "  LOG_LEVEL must be 'debug', 'info', 'warning' or 'error'",
    ]


def test_a_fault_of_the_program_shows_its_place_and_not_its_message(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("realtime_app.cli.show_config.read_settings", fail)
    ended = run("show-config")
    assert ended.code == ExitCode.FAULT
    assert "test_main.py" in ended.errors
    assert "Error: unexpected RuntimeError" in ended.errors
    assert "a secret" not in ended.errors

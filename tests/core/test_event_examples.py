"""The one file of example events, which the browser's tests read too, and the types generated for the browser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from realtime_app.core.events import PAYLOADS, Actor, EventType

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES: list[dict[str, Any]] = json.loads((ROOT / "tests/examples/events.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("event", [example["event"] for example in EXAMPLES], ids=[e["name"] for e in EXAMPLES])
def test_example_conforms_to_the_event_models(event: dict[str, Any]) -> None:
    payload_model = PAYLOADS[EventType(event["type"])]
    assert TypeAdapter(payload_model).validate_python(event["payload"], strict=True) == event["payload"]
    assert TypeAdapter(Actor).validate_python(event["actor"], strict=True) == event["actor"]


def test_every_event_type_has_an_example() -> None:
    assert {example["event"]["type"] for example in EXAMPLES} == set(EventType)


def test_browser_types_are_those_of_the_event_models() -> None:
    check = subprocess.run(
        [sys.executable, "web/scripts/generate_event_types.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert check.returncode == 0, check.stderr

"""The lines that an event listener exchanges with supervisord."""

from __future__ import annotations

import io

from realtime_app.supervision.event_listener import events


def header(name: str, payload: str) -> str:
    return f"ver:3.0 server:supervisor serial:1 pool:health poolserial:1 eventname:{name} len:{len(payload)}\n{payload}"


def test_each_event_is_acknowledged_when_the_next_is_asked_for() -> None:
    stdin, stdout = io.StringIO(header("TICK_5", "when:10") + header("TICK_60", "when:60")), io.StringIO()
    said = [(name, stdout.getvalue()) for name in events(stdin, stdout)]
    assert said == [("TICK_5", "READY\n"), ("TICK_60", "READY\nRESULT 2\nOKREADY\n")]


def test_it_ends_when_supervisord_has_gone() -> None:
    stdout = io.StringIO()
    assert list(events(io.StringIO(""), stdout)) == []
    assert stdout.getvalue() == "READY\n"

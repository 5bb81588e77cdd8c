"""supervisord's side of an event listener: a line in, a line out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO


def events(stdin: TextIO, stdout: TextIO) -> Iterator[str]:
    """The names of the events that supervisord sends; each counts as done when the next one is asked for."""
    while header := _next_header(stdin, stdout):
        words = dict(word.split(":", 1) for word in header.split())
        stdin.read(int(words["len"]))
        yield words["eventname"]
        stdout.write("RESULT 2\nOK")


def _next_header(stdin: TextIO, stdout: TextIO) -> str:
    """Empty when supervisord has gone."""
    stdout.write("READY\n")
    stdout.flush()
    return stdin.readline()

"""Where a process listens, as its command line says, and how to ask it something there."""

from __future__ import annotations

import http.client
import shlex
import socket
from contextlib import closing
from dataclasses import dataclass


class AddressMissing(Exception):
    """The command line names neither a unix socket nor a port."""


@dataclass(frozen=True, slots=True)
class Address:
    """A unix socket, or a port of this machine."""

    unix_socket: str | None = None
    port: int | None = None

    @classmethod
    def of_command(cls, command: str) -> Address:
        """Of `realtime-app serve --unix-socket PATH` or `--port NUMBER`. Raises AddressMissing."""
        options = _options(shlex.split(command))
        if path := options.get("--unix-socket"):
            return cls(unix_socket=path)
        if (port := options.get("--port", "")).isdecimal():
            return cls(port=int(port))
        raise AddressMissing(f"no --unix-socket and no --port in: {command}")

    def status_of(self, path: str, timeout_seconds: float) -> int | None:
        """The status that a GET is answered with; None without an answer in time."""
        try:
            with closing(self._connection(timeout_seconds)) as connection:
                connection.request("GET", path)
                return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None

    def __str__(self) -> str:
        return self.unix_socket or f"port {self.port}"

    def _connection(self, timeout_seconds: float) -> http.client.HTTPConnection:
        if self.unix_socket is not None:
            return UnixConnection(self.unix_socket, timeout_seconds)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_seconds)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket. The timeout holds for each single step, not for the whole."""

    def __init__(self, path: str, timeout_seconds: float | None = None) -> None:
        super().__init__("localhost", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.close()
            raise


def _options(words: list[str]) -> dict[str, str]:
    """`--name value` and `--name=value` alike."""
    given: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        given[name] = value if equals else following
    return given

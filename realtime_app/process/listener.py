"""Listening sockets: bound once, and closed without losing a client that has already been let in."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tornado.netutil import bind_sockets

log = logging.getLogger(__name__)

BACKLOG = 4096
"""With Tornado's 128, 5,000 clients that come back at once took 59 s instead of 5."""

UNIX_SOCKET_MODE = 0o660

_ACCEPTS_PER_TURN = 128
_PAUSE_SECONDS = 1.0
_OUT_OF_RESOURCES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

Accepted = Callable[[socket.socket, Any], None]


class AddressInUse(Exception):
    """Another process listens there, or the address can't be had."""


def bind_tcp(host: str, port: int) -> list[socket.socket]:
    """Sockets for every address of `host`; port 0 takes a free one. Raises AddressInUse."""
    try:
        return bind_sockets(port, host, backlog=BACKLOG)
    except OSError as error:
        raise AddressInUse(f"can't listen on {host}:{port}: {error.strerror}") from None


def bind_unix(path: Path) -> socket.socket:
    """A socket that owner and group may connect to. A file left by a dead process is replaced. Raises AddressInUse."""
    _remove_stale(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.setblocking(False)
    # Never wider than it shall be, not even between bind and chmod.
    mask = os.umask(0o777 & ~UNIX_SOCKET_MODE)
    try:
        bound.bind(str(path))
    except OSError as error:
        bound.close()
        raise AddressInUse(f"can't listen on {path}: {error.strerror}") from None
    finally:
        os.umask(mask)
    bound.listen(BACKLOG)
    return bound


def _remove_stale(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise AddressInUse(f"can't listen on {path}: the file exists and is no socket")
    if _is_answered(path):
        raise AddressInUse(f"can't listen on {path}: another process does")
    path.unlink()


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(str(path)) != errno.ECONNREFUSED


class Listener:
    """Hands each client that connects to `accepted`."""

    def __init__(self, sockets: Sequence[socket.socket], accepted: Accepted) -> None:
        self._sockets = list(sockets)
        self._accepted = accepted
        self._paused: dict[socket.socket, asyncio.TimerHandle] = {}
        self._inodes = {bound: _inode(bound) for bound in sockets}

    async def start(self) -> None:
        for bound in self._sockets:
            self._listen(bound)

    async def close(self) -> None:
        """Nobody new is let in; whoever stood in the backlog is still handed on."""
        loop = asyncio.get_running_loop()
        for bound in self._sockets:
            self._unlink(bound)
            loop.remove_reader(bound)
            while self._accept(bound):
                pass
            if bound in self._paused:
                self._paused.pop(bound).cancel()
            bound.close()
        self._sockets.clear()

    def _listen(self, bound: socket.socket) -> None:
        self._paused.pop(bound, None)
        asyncio.get_running_loop().add_reader(bound, self._accept_some, bound)

    def _accept_some(self, bound: socket.socket) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            if not self._accept(bound):
                return

    def _accept(self, bound: socket.socket) -> bool:
        """False when nobody waits."""
        try:
            client, address = bound.accept()
        except BlockingIOError:
            return False
        except ConnectionAbortedError:
            return True
        except OSError as error:
            if error.errno not in _OUT_OF_RESOURCES:
                raise
            self._pause(bound, error)
            return False
        self._accepted(client, address)
        return True

    def _pause(self, bound: socket.socket, error: OSError) -> None:
        log.error("no more clients can be let in for now: %s", error.strerror)
        loop = asyncio.get_running_loop()
        loop.remove_reader(bound)
        self._paused[bound] = loop.call_later(_PAUSE_SECONDS, self._listen, bound)

    def _unlink(self, bound: socket.socket) -> None:
        """Removes a unix socket's file, unless the next process has put its own there already."""
        if bound.family == socket.AF_UNIX and _inode(bound) == self._inodes[bound]:
            with suppress(FileNotFoundError):
                Path(bound.getsockname()).unlink()


def _inode(bound: socket.socket) -> int | None:
    if bound.family != socket.AF_UNIX:
        return None
    with suppress(OSError):
        return Path(bound.getsockname()).stat().st_ino
    return None

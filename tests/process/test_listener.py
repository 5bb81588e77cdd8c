"""Listening sockets: taken, left behind, out of descriptors."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from realtime_app.process.listener import AddressInUse, Listener, bind_tcp, bind_unix


class Reception:
    """Takes whoever is let in."""

    def __init__(self) -> None:
        self.clients: list[socket.socket] = []
        self.has_someone = asyncio.Event()

    def __call__(self, client: socket.socket, _address: Any) -> None:
        self.clients.append(client)
        self.has_someone.set()

    def close(self) -> None:
        for client in self.clients:
            client.close()


def connected(address: Any, family: int = socket.AF_INET) -> socket.socket:
    client = socket.socket(family)
    try:
        client.connect(address)
    except OSError:
        client.close()
        raise
    return client


def test_a_unix_socket_is_for_owner_and_group(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        bind_unix(tmp_path / "s").close()
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o660


def test_a_unix_socket_that_another_process_answers_is_left_alone(tmp_path: Path) -> None:
    with bind_unix(tmp_path / "s"), pytest.raises(AddressInUse, match="another process does"):
        bind_unix(tmp_path / "s")


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("precious")
    with pytest.raises(AddressInUse, match="is no socket"):
        bind_unix(tmp_path / "s")
    assert (tmp_path / "s").read_text() == "precious"


def test_a_name_that_is_nowhere_is_named() -> None:
    with pytest.raises(AddressInUse, match=r"can't listen on no\.such\.host\.invalid:0: "):
        bind_tcp("no.such.host.invalid", 0)


@pytest.mark.gen_test
async def test_who_came_before_the_close_is_let_in_and_nobody_after_it() -> None:
    reception = Reception()
    sockets = bind_tcp("127.0.0.1", 0)
    listener, address = Listener(sockets, reception), sockets[0].getsockname()
    await listener.start()
    # Without a turn of the loop in between: they stand in the backlog when the listener closes.
    clients = [connected(address) for _ in range(300)]
    await listener.close()
    assert len(reception.clients) == len(clients)
    with pytest.raises(ConnectionRefusedError):
        connected(address)
    reception.close()
    for client in clients:
        client.close()


@pytest.mark.gen_test
async def test_the_next_process_s_socket_is_not_unlinked(tmp_path: Path) -> None:
    listener = Listener([bind_unix(tmp_path / "s")], Reception())
    await listener.start()
    (tmp_path / "s").unlink()
    with bind_unix(tmp_path / "s"):
        await listener.close()
        assert (tmp_path / "s").exists()


@pytest.mark.gen_test
@pytest.mark.expected_logs("no more clients can be let in for now: Too many open files")
async def test_without_descriptors_clients_wait_until_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_app.process.listener._PAUSE_SECONDS", 0.05)
    reception = Reception()
    sockets = bind_tcp("127.0.0.1", 0)
    address = sockets[0].getsockname()
    listener = Listener([FirstRefusing(sockets[0])], reception)
    await listener.start()
    with connected(address):
        await reception.has_someone.wait()
    await listener.close()
    reception.close()


class FirstRefusing(socket.socket):
    """A listening socket whose first accept finds no descriptor left."""

    def __init__(self, bound: socket.socket) -> None:
        super().__init__(fileno=bound.detach())
        self.setblocking(False)
        self.has_refused = False

    def accept(self) -> tuple[socket.socket, Any]:
        if not self.has_refused:
            self.has_refused = True
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return super().accept()

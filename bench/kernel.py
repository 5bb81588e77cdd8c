"""The yardstick of this machine: one send() on a loopback socket of a frame as long as ours, in this very minute."""

from __future__ import annotations

import socket
import time

from bench.figures import Figure, middle
from bench.process import SERVER_CORE, on_core

FRAME = bytes(214)
SENDS = 300
RUNS = 200


def measure() -> Figure:
    with on_core(SERVER_CORE), socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as reader, listener.accept()[0] as sender:
            sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            runs = sorted(_run(sender, reader) for _ in range(RUNS))
    return middle("send() of a frame", [runs[RUNS // 4], runs[RUNS // 2], runs[RUNS * 3 // 4]], "us CPU", "no server")


def _run(sender: socket.socket, reader: socket.socket) -> float:
    begun = time.thread_time()
    for _ in range(SENDS):
        sender.send(FRAME)
    seconds = time.thread_time() - begun
    left = SENDS * len(FRAME)
    while left:
        left -= len(reader.recv(left))
    return seconds / SENDS * 1e6

"""Ports that nothing listens on at the moment of asking."""

import random
import socket

# Below those that the kernel gives to outgoing connections, one of which might be quicker than the server.
PORTS = range(10_000, 32_000)


def free_port() -> int:
    """A TCP port of 127.0.0.1; whoever asks should bind it soon."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

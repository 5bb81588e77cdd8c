"""Ports that nothing listens on at the moment of asking."""

import socket


def free_port() -> int:
    """A TCP port of 127.0.0.1; whoever asks should bind it soon."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

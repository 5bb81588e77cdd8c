"""Whose address counts when proxies stand in between: the right-most one that no trusted proxy has; and whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

UNIX_PEER = "unix"
"""Stands for the peer of a unix socket that sent no address of its client."""

_IPV6_HOST_BITS = 64
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+", re.ASCII)


def client_address(peer: str | None, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The client's address by `X-Forwarded-For`; `peer` is None for a unix socket, which is always trusted.

    What stands left of the first untrusted or unreadable address is the client's own invention.
    """
    client = peer if peer is None else _normal(peer)
    for word in reversed(forwarded_for.split(",")):
        if client is not None and not is_trusted(client, trusted):
            break
        hop = _parsed(word.strip())
        if hop is None:
            break
        client = str(hop)
    return client or UNIX_PEER


def holder_of(address: str) -> str:
    """The address, or the /64 of an IPv6 one: a home commonly has all of it, and could use a fresh one each time."""
    parsed = _parsed(address.partition("%")[0])
    if not isinstance(parsed, IPv6Address):
        return str(parsed or address)
    return str(IPv6Address(int(parsed) >> _IPV6_HOST_BITS << _IPV6_HOST_BITS))


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _normal(address: str) -> str:
    return str(_parsed(address) or address)


def _parsed(word: str) -> Address | None:
    match = _WITH_PORT.fullmatch(word)
    try:
        address = ip_address(match["v6"] or match["v4"] if match else word)
    except ValueError:
        return None
    # A socket that listens on :: sees IPv4 peers as ::ffff:192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address

"""Whose address counts behind proxies."""

from ipaddress import ip_network

import pytest

from realtime_app.core.addresses import UNIX_PEER, client_address, holder_of

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        # Nobody in between, or nobody who is trusted: what the header says is the client's invention.
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        # One trusted proxy, and several.
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fd00::1", "2001:DB8::9", "2001:db8::9"),
        # What stands left of the client is its own invention.
        ("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        # All are trusted: the first of them is the client.
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        # Unreadable words end the chain.
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        # Some proxies write the port too.
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::9]:4711", "2001:db8::9"),
        # A unix socket is trusted.
        (None, "203.0.113.9", "203.0.113.9"),
        (None, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (None, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (None, "", UNIX_PEER),
        (None, "nonsense", UNIX_PEER),
    ],
)
def test_the_right_most_untrusted_address_counts(peer: str | None, forwarded_for: str, expected: str) -> None:
    assert client_address(peer, forwarded_for, TRUSTED) == expected


@pytest.mark.parametrize(
    ("address", "holder"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::"),
        ("fe80::1%eth0", "fe80::"),
        (UNIX_PEER, UNIX_PEER),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_holder(address: str, holder: str) -> None:
    assert holder_of(address) == holder

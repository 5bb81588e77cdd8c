"""Every close code that this server sends, when it is issued, and whether the client may come back.

Sending them is the connection's business; the browser's table is generated from this one.
"""

from __future__ import annotations

from enum import Enum, IntEnum


class Reconnect(Enum):
    """When a client may come back after a close.

    AT_ONCE is within a second, spread by chance. BACKING_OFF is as after a line that was cut: waits that grow.
    """

    NEVER = "never"
    AT_ONCE = "at once"
    BACKING_OFF = "backing off"
    AFTER_WAIT = "after a wait"
    AFTER_LONG_WAIT = "after a long wait"


class CloseCode(IntEnum):
    """Numbers below 4000 are RFC 6455's, the others this API's own."""

    issued_when: str
    reconnect: Reconnect

    def __new__(cls, number: int, issued_when: str, reconnect: Reconnect) -> CloseCode:
        code = int.__new__(cls, number)
        code._value_ = number
        code.issued_when = issued_when
        code.reconnect = reconnect
        return code

    PROTOCOL_ERROR = 1002, "The client's bytes are not RFC 6455 framing.", Reconnect.BACKING_OFF
    INVALID_TEXT = 1007, "A text message, or a close reason, is not UTF-8.", Reconnect.BACKING_OFF
    MESSAGE_TOO_BIG = 1009, "A message is longer than 16 KiB, or cut into too many fragments.", Reconnect.BACKING_OFF
    INTERNAL_ERROR = 1011, "The server failed on this connection; its log says how.", Reconnect.AFTER_WAIT
    RESTARTING = (
        1012,
        "The process restarts, the key's scopes or expiry changed, or the database was away at the connection's start.",
        Reconnect.AT_ONCE,
    )
    CREDENTIAL_REFUSED = 4001, "The credential is missing, bad, expired or revoked.", Reconnect.NEVER
    TOO_SLOW = 4008, "Unread output passed the limit, or a replay made no progress.", Reconnect.BACKING_OFF
    HEARTBEAT_MISSED = 4009, "No pong came within the heartbeat's timeout.", Reconnect.BACKING_OFF
    TOO_MANY_CONNECTIONS = 4013, "The user has too many connections; the newest is refused.", Reconnect.AFTER_LONG_WAIT
    TOO_MANY_MESSAGES = 4029, "The client sent too many messages or control frames.", Reconnect.AFTER_WAIT

    @property
    def is_clients_fault(self) -> bool:
        """The client broke the rules: nothing more that it says is worth reading."""
        return self in _CLIENTS_FAULTS


_CLIENTS_FAULTS = frozenset(
    {CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_TEXT, CloseCode.MESSAGE_TOO_BIG, CloseCode.TOO_MANY_MESSAGES}
)

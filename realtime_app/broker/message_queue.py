"""Holds messages that wait to be sent, bounded in number and in bytes."""

from __future__ import annotations

from collections import deque

from realtime_app.broker.base import MAX_MESSAGE_BYTES, QUEUE_BYTES, QUEUE_MESSAGES, Message


class MessageQueue:
    """First in, first out; when it is full the oldest give way, since the newest tell a listener how far it lags."""

    def __init__(self, max_messages: int = QUEUE_MESSAGES, max_bytes: int = QUEUE_BYTES) -> None:
        self._messages: deque[Message] = deque()
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, channel: str, message: bytes) -> int:
        """Append the message; return how many were dropped: older ones, or itself when it is too large."""
        if len(message) > MAX_MESSAGE_BYTES:
            return 1
        self._messages.append((channel, message))
        self._bytes += len(message)
        dropped = 0
        while len(self._messages) > self._max_messages or self._bytes > self._max_bytes:
            self._pop()
            dropped += 1
        return dropped

    def take(self, max_messages: int, max_bytes: int) -> list[Message]:
        """Remove the oldest messages, as many as fit, at least one if there is any."""
        taken: list[Message] = []
        taken_bytes = 0
        while self._messages and len(taken) < max_messages:
            taken_bytes += len(self._messages[0][1])
            if taken and taken_bytes > max_bytes:
                break
            taken.append(self._pop())
        return taken

    def take_all(self) -> list[Message]:
        return self.take(self._max_messages, self._max_bytes)

    def _pop(self) -> Message:
        message = self._messages.popleft()
        self._bytes -= len(message[1])
        return message

"""Publishes numbered events to Redis, as another process of the installation would after its commits."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from random import Random
from uuid import UUID

import orjson

from bench.site import Site
from realtime_app.application import utc_now
from realtime_app.core.channels import user_channel
from realtime_app.core.events import wire_instant

CHUNK_BYTES = 256 * 1024


class Publisher:
    """Events to random users, numbered for each of them; the log knows nothing of them, so the sweep has to rest."""

    def __init__(self, site: Site, seed: int = 1) -> None:
        self._site = site
        self._random = Random(seed)
        self._last_ids: Counter[str] = Counter()
        self._socket = socket.create_connection(("127.0.0.1", site.redis.port))

    def commands(self, count: int) -> list[bytes]:
        """So many PUBLISH commands, ready to be sent."""
        return [self._command(user_id) for user_id in self._random.choices(self._site.user_ids, k=count)]

    def burst(self, commands: list[bytes]) -> threading.Thread:
        """Sends them as fast as Redis takes them, beside the caller's work."""
        return self._beside(self._send_all, b"".join(commands))

    def paced(self, commands: list[bytes], per_second: float) -> threading.Thread:
        return self._beside(self._send_paced, commands, per_second)

    def _command(self, user_id: str) -> bytes:
        self._last_ids[user_id] += 1
        event = {
            "type": "task:updated",
            "payload": {"taskId": str(UUID(int=self._random.getrandbits(128))), "scheduledDate": "2026-11-23"},
            "timestamp": wire_instant(utc_now()),
            "id": self._last_ids[user_id],
            "epoch": self._site.epoch,
        }
        body, channel = orjson.dumps(event), user_channel(user_id).encode()
        return b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(channel), channel, len(body), body)

    def _beside(self, work: object, *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        thread.start()
        return thread

    def _send_all(self, data: bytes) -> None:
        for start in range(0, len(data), CHUNK_BYTES):
            self._socket.sendall(data[start : start + CHUNK_BYTES])
            self._drop_answers()

    def _send_paced(self, commands: list[bytes], per_second: float) -> None:
        begun = time.monotonic()
        for number, command in enumerate(commands):
            if (wait := begun + number / per_second - time.monotonic()) > 0:
                time.sleep(wait)
            self._socket.sendall(command)
            if number % 1000 == 0:
                self._drop_answers()

    def _drop_answers(self) -> None:
        try:
            while self._socket.recv(CHUNK_BYTES, socket.MSG_DONTWAIT):
                pass
        except BlockingIOError:
            return

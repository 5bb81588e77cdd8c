"""Publishes through redis-py, from a bounded queue that one task drains: nobody ever waits for Redis."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import MovedError, RedisError, ResponseError

from realtime_app.broker.backoff import Backoff
from realtime_app.broker.base import BrokerStats, Message
from realtime_app.broker.ending import cancel_until_ended
from realtime_app.broker.message_queue import MessageQueue
from realtime_app.broker.pubsub_words import PubSubWords
from realtime_app.broker.redis_failure import describe
from realtime_app.broker.redis_timing import RedisTiming

log = logging.getLogger(__name__)

CHUNK_MESSAGES = 500
CHUNK_BYTES = 1024 * 1024


class PublisherListener(Protocol):
    def on_publish_failed(self, error: Exception) -> None:
        """An attempt failed or took too long; the next one follows by itself."""

    def on_publish_recovered(self) -> None: ...

    def on_moved(self, messages: list[Message]) -> None:
        """Another node of the cluster has these messages' channels, or the probe's."""


class RedisPublisher:
    """What was being sent when the connection broke is sent again: it may arrive twice, but is not lost."""

    def __init__(
        self,
        client: Redis,
        prefix: str,
        words: PubSubWords,
        listener: PublisherListener,
        stats: BrokerStats,
        timing: RedisTiming,
        random: Callable[[], float],
    ) -> None:
        self.is_failing = False
        self._client = client
        self._prefix = prefix
        self._command = words.publish
        self._listener = listener
        self._stats = stats
        self._timeout_seconds = timing.publish_timeout_seconds
        self._backoff = Backoff(timing.backoff_first_seconds, timing.backoff_cap_seconds, random)
        self._queue = MessageQueue()
        self._chunk: list[Message] = []
        self._probe: Message | None = None
        self._wakeup = asyncio.Event()
        self._is_closing = False
        self._refusal = ""
        self._attempt: asyncio.Timeout | None = None
        self._attempt_seconds = 0.0
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._queue) + len(self._chunk)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self, flush_seconds: float) -> None:
        self._is_closing = True
        self._wakeup.set()
        if self._task:
            await asyncio.wait({self._task}, timeout=flush_seconds)
            await cancel_until_ended(self._task)
        self._stats.publish_dropped += len(self)

    def publish(self, channel: str, message: bytes) -> None:
        self._stats.publish_dropped += 1 if self._is_closing else self._queue.put(channel, message)
        self._wakeup.set()

    def take_all(self) -> list[Message]:
        """What was not sent for certain, for somebody else to send."""
        chunk, self._chunk = self._chunk, []
        return chunk + self._queue.take_all()

    def send_probe(self, channel: str, payload: bytes) -> None:
        """Publish with the next chunk, past whatever is queued; never repeated."""
        self._probe = (channel, payload)
        self._wakeup.set()

    def tick(self, elapsed_seconds: float) -> None:
        """Let running time pass, and give up an attempt that has taken too much of it."""
        self._attempt_seconds += elapsed_seconds
        if self._attempt and self._attempt_seconds >= self._timeout_seconds:
            self._attempt.reschedule(asyncio.get_running_loop().time())

    @property
    def _has_work(self) -> bool:
        return bool(self._queue or self._chunk or self._probe)

    async def _run(self) -> None:
        while self._has_work or not self._is_closing:
            if self._has_work:
                await self._work()
            else:
                self._wakeup.clear()
                await self._wakeup.wait()

    async def _work(self) -> None:
        try:
            if self.is_failing:
                await self._recover()
            await self._send_chunk()
        except (RedisError, OSError) as error:
            await self._fail(error)
        except Exception as error:
            log.exception("%d messages cannot be published", len(self._chunk))
            self._chunk = []
            await self._fail(error)

    async def _recover(self) -> None:
        """Try with a PING first: what a hung connection has taken it may still deliver, once for each attempt."""
        await self._execute([])
        self.is_failing = False
        self._listener.on_publish_recovered()

    async def _send_chunk(self) -> None:
        self._chunk = self._chunk or self._queue.take(CHUNK_MESSAGES, CHUNK_BYTES)
        probe, self._probe = self._probe, None
        answers = await self._execute([*self._chunk, probe] if probe else self._chunk)
        self._count(answers[: len(self._chunk)])
        self._return_moved(answers, bool(probe))
        self._chunk = []
        if probe and isinstance(answers[-1], ResponseError):
            raise answers[-1]
        self._backoff.reset()

    async def _execute(self, messages: list[Message]) -> list[Any]:
        """Send all in one go; return Redis's answers, among them the errors of messages that it refused."""
        pipeline = self._client.pipeline(transaction=False)
        for channel, message in messages:
            pipeline.execute_command(self._command, self._prefix + channel, message)
        if not messages:
            pipeline.ping()
        self._attempt_seconds = 0.0
        try:
            async with asyncio.timeout(None) as self._attempt:
                return await pipeline.execute(raise_on_error=False)
        finally:
            self._attempt = None

    def _count(self, answers: list[Any]) -> None:
        errors = [answer for answer in answers if isinstance(answer, ResponseError)]
        refusals = [error for error in errors if not isinstance(error, MovedError)]
        self._stats.published += len(answers) - len(errors)
        self._stats.publish_failures += len(refusals)
        if refusals and describe(refusals[0]) != self._refusal:
            self._refusal = describe(refusals[0])
            log.error("Redis refuses messages: %s", self._refusal)

    def _return_moved(self, answers: list[Any], had_probe: bool) -> None:
        answered = zip(self._chunk, answers, strict=False)
        moved = [message for message, answer in answered if isinstance(answer, MovedError)]
        if moved or (had_probe and isinstance(answers[-1], MovedError)):
            self._listener.on_moved(moved)

    async def _fail(self, error: Exception) -> None:
        self.is_failing = True
        self._stats.publish_failures += 1
        self._listener.on_publish_failed(error)
        await asyncio.sleep(self._backoff.next_seconds())

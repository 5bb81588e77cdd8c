"""Writes over REST at a steady rate, whatever happens, and a ledger of what was answered to each."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tornado.httpclient import HTTPClientError

from tests.app import Answer
from tests.faults.app_process import AppProcess
from tests.faults.person import Person
from tests.faults.rest import Rest


@dataclass(slots=True)
class Write:
    """`status` is None until it is answered, and stays so when the line broke first: then it was done, or not."""

    user_id: str
    title: str
    task_id: str | None
    asked_at: float
    status: int | None = None
    error: str = ""
    event_id: int = 0
    answered_at: float = 0.0

    @property
    def is_done(self) -> bool:
        return self.status is not None and self.status < 300

    @property
    def is_refused(self) -> bool:
        """The answer says that nothing was written."""
        return self.status is not None and self.status >= 400 and self.error != "COMMIT_UNKNOWN"


@dataclass
class Ledger:
    writes: list[Write] = field(default_factory=list)
    known_ids: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tasks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, write: Write) -> None:
        """An answer has come."""
        if write.is_done:
            self.known_ids[write.user_id] = max(self.known_ids[write.user_id], write.event_id)

    def answers(self) -> Counter[str]:
        return Counter(f"{write.status or 'none'} {write.error}".strip() for write in self.writes)


class Writers:
    """Three writes in five make a task, the others rename one. `start` begins, `stop` waits for the last answer."""

    def __init__(self, people: Sequence[Person], apps: Sequence[AppProcess], per_second: float) -> None:
        self.ledger = Ledger()
        self._people = people
        self._apps = apps
        self._pause_seconds = 1 / per_second
        self._random = random.Random()
        self._rest = Rest()
        self._under_way: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Idempotent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await asyncio.gather(*self._under_way)
            self._task = None
            self._rest.close()

    async def write(self, person: Person, app: AppProcess) -> Write:
        """One write; returns when it was answered, or never will be."""
        write = self._next(person)
        self.ledger.writes.append(write)
        method, path = ("PATCH", f"/tasks/{write.task_id}") if write.task_id else ("POST", "/tasks")
        try:
            self._take(write, await self._rest.send(app, method, path, person, {"title": write.title}))
        except (HTTPClientError, OSError):
            return write
        return write

    def _take(self, write: Write, answer: Answer) -> None:
        write.status, write.answered_at = answer.status, time.time()
        if write.is_done:
            write.event_id = int(answer.headers["Last-Event-Id"])
            if write.task_id is None:
                write.task_id = answer.data["id"]
                self.ledger.tasks[write.user_id].append(answer.data["id"])
        else:
            write.error = answer.error["code"]
        self.ledger.note(write)

    def _next(self, person: Person) -> Write:
        tasks = self.ledger.tasks[person.user_id]
        task_id = self._random.choice(tasks) if tasks and self._random.random() < 0.4 else None
        return Write(person.user_id, f"Write {len(self.ledger.writes)}", task_id, time.time())

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            due += self._pause_seconds
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self._write_somewhere())
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _write_somewhere(self) -> None:
        await self.write(self._random.choice(self._people), self._random.choice(self._apps))

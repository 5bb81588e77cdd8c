"""What must be true at the end: the log holds all that was answered, and every tab saw exactly the log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from realtime_app.store.engine import Database
from realtime_app.store.models import event_heads, events, tasks
from tests.faults.tab import Tab
from tests.faults.writing import Ledger, Write


@dataclass(frozen=True)
class Log:
    """One user's events as they are stored, oldest first, and the tasks that they are about: title and version."""

    last_id: int
    ids: list[int]
    bodies: list[str]
    tasks: dict[str, tuple[str, int]]


async def read_logs(database: Database) -> dict[str, Log]:
    async with database.reading() as connection:
        heads = await connection.execute(select(event_heads.c.user_id, event_heads.c.last_id))
        logs = {row.user_id: Log(row.last_id, [], [], {}) for row in heads}
        stored = select(events.c.user_id, events.c.id, events.c.body).order_by(events.c.user_id, events.c.id)
        for row in await connection.execute(stored):
            logs[row.user_id].ids.append(row.id)
            logs[row.user_id].bodies.append(row.body)
        for row in await connection.execute(select(tasks.c.user_id, tasks.c.id, tasks.c.title, tasks.c.version)):
            logs[row.user_id].tasks[row.id] = row.title, row.version
    return logs


def holes_and_repeats(logs: dict[str, Log], tabs: Sequence[Tab]) -> list[str]:
    """Where what a tab saw isn't the log, from where the tab began to the log's end."""
    wrong = [f"the log of {user_id} has holes" for user_id, log in logs.items() if not _is_dense(log)]
    for number, tab in enumerate(tabs):
        log, record = logs[tab.person.user_id], tab.record
        expected = list(range(record.began_at_id + 1, log.last_id + 1))
        if record.ids != expected:
            missing = Counter(expected) - Counter(record.ids)
            repeated = Counter(record.ids) - Counter(expected)
            wrong.append(
                f"tab {number}: missing {sorted(missing)[:5]}, repeated {sorted(repeated)[:5]}, "
                f"resyncs {record.resyncs}, not recovered {record.not_recovered}, closes {record.closes[-5:]}"
            )
        elif record.bodies != log.bodies[record.began_at_id :]:
            wrong.append(f"tab {number}: an event differs from the log's")
    return wrong


def _is_dense(log: Log) -> bool:
    return log.ids == list(range(1, log.last_id + 1))


def lost_and_invented_writes(logs: dict[str, Log], ledger: Ledger) -> list[str]:
    """Where the answers and the database disagree."""
    titles = {user_id: Counter(title for title, _ in log.tasks.values()) for user_id, log in logs.items()}
    wrong = []
    for write in ledger.writes:
        log = logs[write.user_id]
        if write.is_done and not _is_logged(write, log):
            wrong.append(f"lost: {write}")
        if write.is_refused and titles[write.user_id][write.title]:
            wrong.append(f"refused, yet written: {write}")
        if write.status is not None and write.status >= 500 and write.status != 503:
            wrong.append(f"failed: {write}")
    return wrong + _unequal_versions(logs)


def _is_logged(write: Write, log: Log) -> bool:
    event = json.loads(log.bodies[write.event_id - 1]) if write.event_id <= len(log.bodies) else None
    return event is not None and event["payload"]["taskId"] == write.task_id and write.task_id in log.tasks


def _unequal_versions(logs: dict[str, Log]) -> list[str]:
    """Each change has one event and each event one change: a task's version is the number of its events."""
    wrong = []
    for log in logs.values():
        changes = Counter(json.loads(body)["payload"]["taskId"] for body in log.bodies)
        versions = {task_id: version for task_id, (_, version) in log.tasks.items()}
        if changes != versions:
            wrong.append(f"events {changes - Counter(versions)} without change, or the reverse")
    return wrong


def commit_moments(logs: dict[str, Log], tabs: Sequence[Tab], ledger: Ledger) -> dict[str, list[float]]:
    """When each event was committed, as closely as the outside can know: its answer or its first arrival.

    Of an event that nobody was answered for, the beginning of its transaction.
    """
    moments = {user_id: [_instant(body) for body in log.bodies] for user_id, log in logs.items()}
    answered = {(write.user_id, write.event_id): write.answered_at for write in ledger.writes if write.is_done}
    arrived: dict[tuple[str, int], float] = {}
    for tab in tabs:
        for receipt in tab.record.receipts:
            key = tab.person.user_id, receipt.event_id
            arrived[key] = min(receipt.received_at, arrived.get(key, receipt.received_at))
    for (user_id, event_id), moment in answered.items():
        if event_id <= len(moments[user_id]):
            moments[user_id][event_id - 1] = min(moment, arrived.get((user_id, event_id), moment))
    return moments


def _instant(body: str) -> float:
    return datetime.fromisoformat(json.loads(body)["timestamp"]).timestamp()

"""Everybody loses the line at once and comes back with `since`: the worst minute of a server, on PostgreSQL."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import insert, update

from bench.crowd import Crowd
from bench.figures import Figure
from bench.process import cpu_seconds, settle
from bench.site import Site
from realtime_app.core.events import EventType, encode_event
from realtime_app.store.engine import Database
from realtime_app.store.models import event_heads, events

TABS = 3
SOCKETS = 5_000
MISSED_EVENTS = 2
MOST_SECONDS = 60.0

# Every execution of a statement is a line of PostgreSQL's log.
_LOG_STATEMENTS = ("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()")
_EXECUTION = re.compile(r"LOG:  execute ")


def measure() -> list[Figure]:
    users = -(-SOCKETS // TABS)
    with Site(users, on_postgres=True, WS_PING_INTERVAL="60") as site:
        crowd = Crowd(site.port)
        crowd.connect(site.paths(TABS)[:SOCKETS])
        crowd.drop()
        asyncio.run(_miss_events(site))
        settle(site.pid)
        site.postgres.execute(*_LOG_STATEMENTS)
        queries, cpu, begun = _queries(site), cpu_seconds(site.pid), time.monotonic()
        paths = site.paths(TABS, since=0)[:SOCKETS]
        crowd.connect(paths, at_once=len(paths))
        crowd.serve_until(lambda: crowd.frames >= SOCKETS * (1 + MISSED_EVENTS), MOST_SECONDS)
        seconds = time.monotonic() - begun
        settle(site.pid)
        cpu, queries = cpu_seconds(site.pid) - cpu, _queries(site) - queries
        crowd.drop()
    remark = f"{SOCKETS:,} sockets of {users:,} users, each {MISSED_EVENTS} events behind"
    return [
        Figure("storm", cpu, "s CPU", remark),
        Figure("storm until the last is up to date", seconds, "s", "the clients' own work included"),
        Figure("storm queries for 1,000 clients", queries / SOCKETS * 1000, "queries", "sessions, heads and pages"),
    ]


def _queries(site: Site) -> int:
    return len(_EXECUTION.findall(site.postgres.log_path.read_text(errors="replace")))


async def _miss_events(site: Site) -> None:
    """Events of every user that nobody is told of."""
    now = datetime.now(UTC)
    database = Database(site.database_url)
    async with database.writing() as connection:
        rows = [_row(site, user_id, number, now) for user_id in site.user_ids for number in range(1, MISSED_EVENTS + 1)]
        await connection.execute(insert(events), rows)
        await connection.execute(update(event_heads).values(last_id=MISSED_EVENTS))
    await database.close()


def _row(site: Site, user_id: str, number: int, now: datetime) -> dict[str, object]:
    body = encode_event(
        event_type=EventType.TASK_CREATED,
        payload={"taskId": str(uuid4()), "scheduledDate": None, "version": 1},
        event_id=number,
        epoch=site.epoch,
        actor={"kind": "system", "id": None, "name": None},
        origin=None,
        at=now,
    )
    return {
        "user_id": user_id,
        "id": number,
        "unit_id": str(uuid4()),
        "type": EventType.TASK_CREATED,
        "body": body.decode(),
        "created_at": now,
    }

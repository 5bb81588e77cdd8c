"""What the server is compared with: a Tornado handler that sends the same statements in bare SQLAlchemy Core.

No credential is checked, nothing is validated, logged, counted, limited or published.
Arguments: the port, and the URL of a PostgreSQL database.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import uvloop
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tornado.web import Application, RequestHandler

from bench.site import USER_ID
from realtime_app.store.models import event_heads, events, tasks

_COLUMNS = [column for column in tasks.c if column.name not in ("search_text", "deleted_at")]
_NAMES = [str(column.name) for column in _COLUMNS]


class TasksHandler(RequestHandler):
    def initialize(self, writing: AsyncEngine, reading: AsyncEngine) -> None:
        self.writing, self.reading = writing, reading

    async def post(self) -> None:
        body, now, user_id = orjson.loads(self.request.body), datetime.now(UTC), USER_ID % 0
        async with self.writing.connect() as connection:
            lock = (
                update(event_heads)
                .where(event_heads.c.user_id == user_id)
                .values(last_id=event_heads.c.last_id + 1)
                .returning(event_heads.c.last_id, event_heads.c.epoch)
            )
            head = (await connection.execute(lock)).one()
            end = select(func.coalesce(func.max(tasks.c.position) + 1, 0)).where(
                tasks.c.user_id == user_id, tasks.c.scheduled_date.is_(None), tasks.c.deleted_at.is_(None)
            )
            task = {
                "id": str(uuid4()), "user_id": user_id, "title": body["title"], "search_text": body["title"],
                "actual_mins": 0, "priority": "P2", "position": end.correlate(None).scalar_subquery(),
                "subtasks_hidden": False, "version": 1, "created_at": now, "updated_at": now,
            }  # fmt: skip
            event = {
                "user_id": user_id, "id": head.last_id, "unit_id": str(uuid4()), "type": "task:created",
                "body": orjson.dumps({"taskId": task["id"]}).decode(), "created_at": now,
            }  # fmt: skip
            recorded = insert(events).values(event).cte("recorded")
            statement = insert(tasks).values(task).returning(*_COLUMNS).add_cte(recorded)
            row = (await connection.execute(statement)).one()
            await connection.commit()
        self.finish(orjson.dumps(dict(zip(_NAMES, row, strict=True))))

    async def get(self) -> None:
        user_id = USER_ID % 0
        async with self.reading.connect() as connection:
            await connection.execute(select(event_heads.c.last_id).where(event_heads.c.user_id == user_id))
            is_mine = (tasks.c.user_id == user_id) & tasks.c.deleted_at.is_(None)
            page = select(*_COLUMNS).where(is_mine).order_by(tasks.c.scheduled_date, tasks.c.position).limit(50)
            rows = (await connection.execute(page)).all()
            await connection.execute(select(func.count()).select_from(tasks).where(is_mine))
        self.finish(orjson.dumps([dict(zip(_NAMES, row, strict=True)) for row in rows]))


async def main(port: int, url: str) -> None:
    writing = create_async_engine(url, pool_size=10)
    reading = create_async_engine(url, pool_size=10, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
    Application([("/tasks", TasksHandler, {"writing": writing, "reading": reading})]).listen(port, "127.0.0.1")
    print("serving", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), sys.argv[2]))

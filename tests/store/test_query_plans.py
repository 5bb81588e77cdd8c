"""How PostgreSQL finds the rows of each list for a user with very many of them, among other users' rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from tornado.ioloop import IOLoop

from realtime_app.schemas.fields import parse
from realtime_app.schemas.tasks import TaskListQuery
from realtime_app.schemas.time_blocks import TimeBlockListQuery
from realtime_app.services.subtask_queries import list_subtasks, subtasks_by_task
from realtime_app.services.task_queries import list_tasks
from realtime_app.services.time_block_queries import list_time_blocks
from realtime_app.store.engine import Connection, Database
from realtime_app.store.event_log import EventLog
from tests.servers.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres

TASKS, BLOCKS, EVENTS = 50_000, 20_000, 10_000
STRANGERS = 100
"""Together they have as many rows as the user."""

FEW = 1_000

USER = str(UUID(int=1))
Plan = dict[str, Any]

# Every third task is in the backlog, the others on 1,000 days; a block is on each of 1,000 days every 45 minutes.
FILL = f"""
    INSERT INTO users (id, email, password_hash, timezone, created_at, updated_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, n || '@example.org', '-', 'UTC', now(), now()
    FROM generate_series(1, {STRANGERS + 1}) n;

    CREATE TEMPORARY TABLE owners AS
    SELECT id, CASE WHEN id = '{USER}' THEN 1.0 ELSE 1.0 / {STRANGERS} END AS share FROM users;

    INSERT INTO tasks (id, user_id, title, search_text, scheduled_date, actual_mins, priority, completed_at, position,
                       subtasks_hidden, version, created_at, updated_at)
    SELECT gen_random_uuid(), o.id, 'Task ' || n, 'task ' || n,
           CASE WHEN n % 3 = 0 THEN NULL ELSE date '2026-01-01' + n % 1000 END, 0, 'P' || n % 4,
           CASE WHEN n % 2 = 0 THEN now() END, n / 1000, false, 1, now() - n * interval '1 minute', now()
    FROM owners o, generate_series(1, ({TASKS} * o.share)::int) n;

    INSERT INTO subtasks (id, task_id, title, completed, position, created_at, updated_at)
    SELECT gen_random_uuid(), id, 'Subtask', false, 0, now(), now() FROM tasks WHERE priority = 'P0';

    INSERT INTO time_blocks (id, user_id, task_id, title, date, start_minute, end_minute, color, position, version,
                             created_at, updated_at)
    SELECT gen_random_uuid(), o.id, CASE WHEN n % 2 = 0 THEN t.id END, 'Block', date '2026-01-01' + n % 1000,
           n / 1000 * 45, n / 1000 * 45 + 30, '#3B82F6', 0, 1, now(), now()
    FROM owners o
    JOIN (SELECT user_id, id, row_number() OVER (PARTITION BY user_id) AS number FROM tasks) t ON t.user_id = o.id
    JOIN generate_series(1, {BLOCKS}) n ON n = t.number AND n <= {BLOCKS} * o.share;

    INSERT INTO event_heads (user_id, last_id, pruned_to, epoch)
    SELECT id, ({EVENTS} * share)::int, 0, (SELECT epoch FROM event_epochs) FROM owners;

    INSERT INTO events (user_id, id, unit_id, type, body, created_at)
    SELECT o.id, n, o.id, 'task:updated', '{{}}', now() FROM owners o, generate_series(1, ({EVENTS} * o.share)::int) n;
"""


@pytest.fixture(scope="module")
def filled_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    url = postgres_server.fresh_database(postgres_template)
    name = url.rsplit("/", 1)[1]
    postgres_server.execute(FILL, "VACUUM ANALYZE", f"ALTER DATABASE {name} SET random_page_cost = 1.1", database=name)
    yield url
    postgres_server.release(url)


@pytest.fixture
def database(io_loop: IOLoop, filled_url: str) -> Iterator[Database]:
    database = Database(filled_url)
    yield database
    io_loop.run_sync(database.close)


async def plans_of(database: Database, read: Callable[[Connection], Awaitable[Any]]) -> list[Plan]:
    """The plan of every statement that the service sends, with the values that it sends."""
    sent: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    for engine in database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", keep)
    async with database.reading() as connection:
        await read(connection)
        statements, plans = list(sent), []
        for statement, parameters in statements:
            explained = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            plans.append(explained.scalar_one()[0]["Plan"])
    return plans


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def scanned_whole(plans: list[Plan]) -> set[str]:
    return {node["Relation Name"] for plan in plans for node in nodes(plan) if node["Node Type"] == "Seq Scan"}


def large_sorts(plan: Plan) -> list[Plan]:
    """An incremental sort is none: it goes on with what an index has sorted already."""
    return [node for node in nodes(plan) if node["Node Type"] == "Sort" and node["Plan Rows"] > FEW]


@pytest.mark.gen_test
@pytest.mark.parametrize("order", ["position", "priority", "createdAt"])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"completed": "true"},
        {"completed": "false", "includeSubtasks": "true"},
        {"priority": "P1"},
        {"backlog": "false"},
        {"limit": "100", "offset": "200"},
    ],
    ids=str,
)
async def test_page_of_tasks_is_read_in_the_order_of_an_index(
    database: Database, query: dict[str, str], order: str
) -> None:
    parsed = parse(TaskListQuery, query | {"sortBy": order})

    plans = await plans_of(database, lambda connection: list_tasks(connection, USER, parsed))

    assert scanned_whole(plans) == set()
    assert [large_sorts(plan) for plan in plans] == [[]] * len(plans)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "query",
    [
        {"date": "2026-03-01"},
        {"from": "2026-03-01", "to": "2026-03-07"},
        {"backlog": "true"},
        {"search": "task 4999"},
        {"search": "no such thing"},
    ],
    ids=str,
)
async def test_filtered_tasks_are_found_without_reading_other_users_tasks(
    database: Database, query: dict[str, str]
) -> None:
    parsed = parse(TaskListQuery, query)

    plans = await plans_of(database, lambda connection: list_tasks(connection, USER, parsed))

    assert scanned_whole(plans) == set()
    assert [large_sorts(plan) for plan in plans] == [[]] * len(plans)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"date": "2026-03-01"},
        {"from": "2026-03-01", "to": "2026-03-07"},
        {"unassignedOnly": "true"},
        {"startTimeFrom": "2026-03-01T08:00:00Z", "startTimeTo": "2026-03-08T08:00:00Z"},
        {"limit": "100", "offset": "200"},
    ],
    ids=str,
)
async def test_page_of_time_blocks_is_read_in_the_order_of_an_index(database: Database, query: dict[str, str]) -> None:
    parsed = parse(TimeBlockListQuery, query)

    plans = await plans_of(database, lambda connection: list_time_blocks(connection, USER, parsed))

    assert scanned_whole(plans) <= {"users"}
    assert [large_sorts(plan) for plan in plans] == [[]] * len(plans)


@pytest.mark.gen_test
async def test_blocks_and_subtasks_of_a_task_are_found_by_its_id(database: Database) -> None:
    query = parse(TimeBlockListQuery, {"taskId": str(uuid4())})
    async with database.reading() as connection:
        first = text(f"SELECT id FROM tasks WHERE user_id = '{USER}' LIMIT 500")
        task_ids = [str(task_id) for task_id in (await connection.execute(first)).scalars()]

    blocks = await plans_of(database, lambda connection: list_time_blocks(connection, USER, query))
    subtasks = await plans_of(database, lambda connection: list_subtasks(connection, USER, task_ids[0]))
    batch = await plans_of(database, lambda connection: subtasks_by_task(connection, USER, task_ids))

    assert scanned_whole(blocks + subtasks + batch) == set()


@pytest.mark.gen_test
async def test_events_are_read_as_a_range_of_ids(database: Database) -> None:
    log = EventLog(database)

    pages = await plans_of(database, lambda connection: log.read(USER, EVENTS - 100))
    heads = await plans_of(database, lambda connection: log.heads([USER]))

    assert "events" not in scanned_whole(pages + heads)

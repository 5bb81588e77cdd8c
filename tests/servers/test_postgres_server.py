import pytest

from tests.servers.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres


def name_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def test_databases_are_apart_when_two_are_asked_for(postgres_server: PostgresServer) -> None:
    first, second = postgres_server.fresh_database(), postgres_server.fresh_database()
    postgres_server.execute("CREATE TABLE tasks (id int)", database=name_of(first))

    tables = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'tasks'"
    assert postgres_server.execute(tables, database=name_of(first)) == "1"
    assert postgres_server.execute(tables, database=name_of(second)) == "0"


def test_database_holds_the_rows_of_its_template_when_one_is_given(postgres_server: PostgresServer) -> None:
    template = postgres_server.fresh_database()
    postgres_server.execute("CREATE TABLE tasks AS SELECT 7 AS id", database=name_of(template))

    copy = postgres_server.fresh_database(template)

    assert postgres_server.execute("SELECT id FROM tasks", database=name_of(copy)) == "7"


def test_released_database_is_gone_when_the_next_one_is_made(postgres_server: PostgresServer) -> None:
    first = postgres_server.fresh_database()
    postgres_server.release(first)
    second = postgres_server.fresh_database()

    names = postgres_server.execute("SELECT datname FROM pg_database").splitlines()

    assert name_of(first) not in names
    assert name_of(second) in names


def test_databases_survive_when_the_server_starts_anew() -> None:
    server = PostgresServer()
    try:
        server.start()
        database = name_of(server.fresh_database())
        server.execute("CREATE TABLE tasks AS SELECT 7 AS id", database=database)
        server.stop()
        server.start()
        assert server.execute("SELECT id FROM tasks", database=database) == "7"
    finally:
        server.close()

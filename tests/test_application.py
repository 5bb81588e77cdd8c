"""The composition root: what it refuses to start with, and what it starts without."""

from pathlib import Path

import pytest

from realtime_app.application import Application, SchemaOutdated
from realtime_app.process.process_lock import AlreadyRunning
from realtime_app.store.schema import migrate
from tests.app import given_settings
from tests.servers.ports import free_port


async def made(folder: Path) -> Application:
    """On a migrated database."""
    application = Application(given_settings(folder))
    await migrate(application.database)
    return application


@pytest.mark.gen_test
async def test_a_second_one_on_the_same_file_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    first, second, third = (
        await made(tmp_path),
        Application(given_settings(tmp_path)),
        Application(given_settings(tmp_path)),
    )
    await first.start()
    with pytest.raises(AlreadyRunning):
        await second.start()
    await second.close()
    await first.close()
    await third.start()
    await third.close()


@pytest.mark.gen_test
async def test_an_outdated_schema_is_refused(tmp_path: Path) -> None:
    application = Application(given_settings(tmp_path))
    with pytest.raises(SchemaOutdated, match="run realtime-app migrate"):
        await application.start()
    await application.close()


@pytest.mark.gen_test
@pytest.mark.expected_logs("realtime is off: REDIS_URL is not set")
async def test_without_a_redis_url_realtime_is_off_and_the_log_says_so(tmp_path: Path) -> None:
    await (await made(tmp_path)).close()
    application = Application(given_settings(tmp_path, redis_url=None))
    await application.start()
    assert (await application.health.readiness()).parts["redis"] == "off"
    await application.close()


@pytest.mark.gen_test
@pytest.mark.expected_logs("database unavailable", "started without the database")
async def test_it_starts_without_its_database(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://u:p@127.0.0.1:{free_port()}/p"
    application = Application(given_settings(tmp_path, database_url=url))
    await application.start()
    assert not (await application.health.readiness()).is_ready
    await application.close()


@pytest.mark.gen_test
async def test_closing_what_never_started_does_nothing(tmp_path: Path) -> None:
    await (await made(tmp_path)).close()

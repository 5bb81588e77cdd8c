"""One process on one database."""

from pathlib import Path

import pytest

from realtime_app.process.process_lock import AlreadyRunning, ProcessLock


@pytest.mark.gen_test
async def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    first, second = ProcessLock(tmp_path / "lock"), ProcessLock(tmp_path / "lock")
    await first.start()
    with pytest.raises(AlreadyRunning, match="lock is locked"):
        await second.start()
    await first.close()
    await second.start()
    await second.close()


@pytest.mark.gen_test
async def test_closing_what_never_started_does_nothing(tmp_path: Path) -> None:
    await ProcessLock(tmp_path / "lock").close()

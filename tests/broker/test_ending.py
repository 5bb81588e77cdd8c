import asyncio

import pytest

from realtime_app.broker.ending import cancel_until_ended


@pytest.mark.gen_test
async def test_task_ends_although_it_loses_a_cancellation() -> None:
    lost = 0

    async def lose_one() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost += 1

    task = asyncio.create_task(lose_one())
    await asyncio.sleep(0)

    await cancel_until_ended(task)

    assert task.cancelled()
    assert lost == 1

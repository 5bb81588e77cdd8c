"""A feed's position is read after its channel was confirmed, and never much later than the database can give it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from realtime_app.broker.base import LinkState
from realtime_app.core.place import Place
from realtime_app.realtime.opening import CONFIRMATION_SECONDS
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import House, Journal, on_sqlite
from tests.realtime.peers import until

pytestmark = on_sqlite


@pytest.mark.gen_test
async def test_the_position_is_read_after_the_confirmation(house: House, broker: HandBroker, journal: Journal) -> None:
    broker.confirms_late = True
    client = house.enter(await house.session(journal.user_id))
    await broker.until_subscribed(journal.channel)
    await journal.write(3)  # published before Redis knew of us: no message will come
    assert house.log.head_reads == []
    broker.confirm(journal.channel)
    await house.until_following(client)
    assert client.connected["lastEventId"] == 3


@pytest.mark.gen_test
async def test_an_event_that_arrives_while_the_position_is_read_is_not_lost(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    house.log.hold()
    client = house.enter(await house.session(journal.user_id))
    await house.log.until_held()  # it has read 0
    broker.arrive(*journal.messages(await journal.write(2)))
    house.log.let_go()
    await client.socket.until_ids(1, 2)
    assert client.connected["lastEventId"] == 0


@pytest.mark.gen_test
async def test_a_confirmation_that_takes_too_long_is_not_waited_for_and_makes_the_feed_catch_up_later(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    broker.confirms_late = True
    loop = asyncio.get_running_loop()
    begun = loop.time()
    client = await house.follow(await house.session(journal.user_id))
    assert CONFIRMATION_SECONDS <= loop.time() - begun < 2 * CONFIRMATION_SECONDS
    await journal.write(2)  # its message passed by
    broker.confirm(journal.channel)
    await client.socket.until_ids(1, 2)


@pytest.mark.gen_test
async def test_a_confirmation_that_comes_while_the_position_is_read_makes_one_more_read(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    broker.confirms_late = True
    house.log.hold()
    client = house.enter(await house.session(journal.user_id))
    await house.log.until_held()  # it has given up waiting, and has read 0
    await journal.write()
    broker.confirm(journal.channel)
    house.log.let_go()
    await client.socket.until_ids(1)


@pytest.mark.gen_test
@pytest.mark.parametrize("state", [LinkState.DOWN, LinkState.DEAF])
async def test_nothing_is_waited_for_while_the_link_is_known_not_to_work(
    house: House, broker: HandBroker, journal: Journal, state: LinkState
) -> None:
    broker.turn(state)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await house.follow(await house.session(journal.user_id))
    assert loop.time() - begun < CONFIRMATION_SECONDS / 2


@pytest.mark.gen_test
async def test_all_who_attach_share_one_opening(house: House, broker: HandBroker, journal: Journal) -> None:
    broker.confirms_late = True
    caller = await house.session(journal.user_id)
    clients = [house.enter(caller) for _ in range(20)]
    await broker.until_subscribed(journal.channel)
    broker.confirm(journal.channel)
    await house.until_following(*clients)
    assert len(house.log.head_reads) == 1


@pytest.mark.gen_test
async def test_who_comes_while_the_position_is_being_read_gets_one_that_was_read_after(
    house: House, journal: Journal
) -> None:
    caller = await house.session(journal.user_id)
    house.log.hold()
    early = house.enter(caller)
    await house.log.until_held()
    await journal.write(2)
    epoch = (await house.log.heads([journal.user_id]))[journal.user_id].epoch
    # It has seen event 2 on another process: the head that is being read would call that a position of the future.
    late = house.enter(caller, Place(2, epoch))
    house.log.let_go()
    await house.until_following(early, late)
    assert late.connected["recovered"] is True
    await early.socket.until_ids(1, 2)
    assert late.ids == []


@pytest.mark.gen_test
async def test_one_that_leaves_does_not_end_the_opening_of_the_others(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    broker.confirms_late = True
    caller = await house.session(journal.user_id)
    first, second = house.enter(caller), house.enter(caller)
    await broker.until_subscribed(journal.channel)
    first.socket.hang_up()
    broker.confirm(journal.channel)
    await house.until_following(second)
    assert first.socket.frames == []


@pytest.mark.gen_test
async def test_the_opening_goes_on_for_the_others_when_the_first_ones_task_is_cancelled(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    broker.confirms_late = True
    caller = await house.session(journal.user_id)
    others = set(asyncio.all_tasks())
    house.enter(caller)
    [bringing_in] = asyncio.all_tasks() - others
    await broker.until_subscribed(journal.channel)
    second = house.enter(caller)
    bringing_in.cancel()
    broker.confirm(journal.channel)
    await until(lambda: second.socket.frames)
    assert second.connected["lastEventId"] == 0


@pytest.mark.gen_test
async def test_a_feed_that_is_released_while_it_opens_leaves_nothing_to_the_next(
    build_house: Callable[..., House],
) -> None:
    house = build_house(linger_seconds=0.01)
    await house.start()
    journal = await house.journal()
    await journal.write(3)
    caller = await house.session(journal.user_id)
    house.log.hold()
    early = house.enter(caller)
    await house.log.until_held()
    released = house.feed(journal.user_id)
    early.socket.hang_up()
    await until(lambda: house.hub.feed_count == 0)
    late = house.enter(caller)
    await house.log.until_held(1)
    house.log.let_go()
    await house.until_following(late)
    assert late.connected["lastEventId"] == 3
    assert late.resyncs == []
    assert not released.is_open


@pytest.mark.gen_test
async def test_a_user_who_is_gone_is_refused_for_good(house: House, journal: Journal) -> None:
    caller = await house.session(journal.user_id)
    await journal.delete_user()
    client = house.enter(caller)
    assert await client.socket.until_closed() == 4001

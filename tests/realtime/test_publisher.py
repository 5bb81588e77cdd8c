"""A committed event reaches this process's own sockets at once and goes to the broker."""

from __future__ import annotations

import pytest

from realtime_app.broker.base import LinkState
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import House, Journal, on_sqlite

pytestmark = on_sqlite


@pytest.mark.gen_test
async def test_own_sockets_hear_before_the_broker_brings_it(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await house.follow(await house.session(journal.user_id))
    house.publisher.publish(await journal.write(3))
    assert client.ids == [1, 2, 3]
    assert len(client.socket.sends) == 2  # `connected`, and the three


@pytest.mark.gen_test
async def test_each_event_goes_to_the_users_channel_as_the_object_that_clients_get(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    events = await journal.write(3)
    house.publisher.publish(events)
    assert broker.published == [(journal.channel, event.body) for event in events]
    assert journal.channel == f"user:{journal.user_id}:events"


@pytest.mark.gen_test
async def test_what_the_broker_brings_back_is_a_repeat(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await house.follow(await house.session(journal.user_id))
    house.publisher.publish(await journal.write(2))
    broker.arrive(*broker.published)
    house.publisher.publish(await journal.write())
    assert client.ids == [1, 2, 3]
    assert house.counts.events_repeated == 2


@pytest.mark.gen_test
async def test_own_sockets_hear_while_redis_is_away(house: House, broker: HandBroker, journal: Journal) -> None:
    broker.turn(LinkState.DOWN)
    client = await house.follow(await house.session(journal.user_id))
    house.publisher.publish(await journal.write())
    assert client.ids == [1]


@pytest.mark.gen_test
async def test_an_event_of_another_process_that_comes_later_is_waited_for(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await house.follow(await house.session(journal.user_id))
    [elsewhere] = await journal.write()
    [here] = await journal.write()
    house.publisher.publish([here])
    assert client.ids == []
    broker.arrive(*journal.messages([elsewhere]))
    assert client.ids == [1, 2]

"""Connections come and go, at any moment and in any number; none misses an event."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from sqlalchemy import event as sql_event

from realtime_app.broker.memory import MemoryBroker
from realtime_app.core.place import Place
from realtime_app.realtime.hub import DRAIN_SHARE
from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.event_log import EventLog
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import Client, House, Journal, on_sqlite
from tests.realtime.peers import until


async def epoch_of(house: House, journal: Journal) -> str:
    return (await house.log.heads([journal.user_id]))[journal.user_id].epoch


@pytest.mark.gen_test
async def test_connected_is_the_first_frame_and_names_the_head_where_no_position_was_given(
    house: House, journal: Journal
) -> None:
    await journal.write(4)
    client = await house.follow(await house.session(journal.user_id))
    assert client.connected == {
        "userId": journal.user_id,
        "connectionId": client.connection.connection_id,
        "epoch": await epoch_of(house, journal),
        "lastEventId": 4,
        "recovered": False,
    }
    assert client.socket.is_reading


@on_sqlite
@pytest.mark.gen_test
async def test_a_client_is_not_heard_before_it_was_greeted(house: House, broker: HandBroker, journal: Journal) -> None:
    broker.confirms_late = True
    client = house.enter(await house.session(journal.user_id))
    await broker.until_subscribed(journal.channel)
    assert not client.socket.is_reading
    broker.confirm(journal.channel)
    await house.until_following(client)
    assert client.socket.is_reading


@pytest.mark.gen_test
async def test_a_position_that_the_log_covers_is_recovered(house: House, journal: Journal) -> None:
    await journal.write(5)
    client = await house.follow(await house.session(journal.user_id), Place(2, await epoch_of(house, journal)))
    assert (client.connected["recovered"], client.connected["lastEventId"]) == (True, 2)
    assert client.ids == [3, 4, 5]


@on_sqlite
@pytest.mark.gen_test
@pytest.mark.parametrize(("since", "recovered"), [(0, False), (1, False), (2, True), (3, True), (5, True), (6, False)])
async def test_covered_is_from_what_was_pruned_to_the_head(
    house: House, journal: Journal, since: int, recovered: bool
) -> None:
    await journal.write(5)
    await journal.prune(2)
    client = await house.follow(await house.session(journal.user_id), Place(since, await epoch_of(house, journal)))
    assert client.connected["recovered"] is recovered
    assert client.connected["lastEventId"] == (since if recovered else 5)
    assert client.ids == (list(range(since + 1, 6)) if recovered else [])
    assert client.resyncs == []


@on_sqlite
@pytest.mark.gen_test
async def test_a_position_of_another_epoch_is_not_recovered(house: House, journal: Journal) -> None:
    old = await epoch_of(house, journal)
    await journal.write(2)
    epoch = await journal.change_epoch()
    client = await house.follow(await house.session(journal.user_id), Place(1, old))
    assert (client.connected["recovered"], client.connected["epoch"]) == (False, epoch)
    assert client.ids == []


@on_sqlite
@pytest.mark.gen_test
@pytest.mark.parametrize(("since", "recovered"), [(0, True), (1, False)])
async def test_an_empty_log_covers_nothing_but_its_beginning(
    house: House, journal: Journal, since: int, recovered: bool
) -> None:
    client = await house.follow(await house.session(journal.user_id), Place(since, await epoch_of(house, journal)))
    assert client.connected["recovered"] is recovered
    assert client.connected["lastEventId"] == 0


@on_sqlite
@pytest.mark.gen_test
async def test_a_log_that_was_pruned_to_its_head_still_covers_the_head(house: House, journal: Journal) -> None:
    await journal.write(3)
    await journal.prune(3)
    client = await house.follow(await house.session(journal.user_id), Place(3, await epoch_of(house, journal)))
    assert client.connected["recovered"] is True


@pytest.mark.gen_test
async def test_who_attaches_at_any_moment_of_a_storm_of_writes_sees_every_id_once_and_in_order(
    build_house: Callable[..., House],
) -> None:
    house = build_house(broker=MemoryBroker(), linger_seconds=0.02)
    await house.start()
    journal = await house.journal()
    caller = await house.session(journal.user_id)
    chance = random.Random(5)
    written = 0

    async def write() -> None:
        nonlocal written
        while written < 150:
            events = await journal.write(chance.choice([1, 1, 1, 3]))
            written = events[-1].id
            if chance.random() < 0.9:  # every tenth word of it is lost
                house.publisher.publish(events)
            if chance.random() < 0.5:
                await asyncio.sleep(chance.uniform(0, 0.004))

    writing = asyncio.create_task(write())
    clients: list[Client] = []
    while not writing.done():
        clients.append(house.enter(caller) if chance.random() < 0.5 else await returning(house, journal, clients))
        await asyncio.sleep(chance.uniform(0, 0.01))
        if chance.random() < 0.3:
            chance.choice(clients).socket.hang_up()
    await writing
    last = await journal.write()
    house.publisher.publish(last)
    staying = [client for client in clients if client.socket.is_open]
    await until(lambda: all(client.ids[-1:] == [last[0].id] for client in staying))
    for client in clients:
        if client.socket.frames:
            start = client.connected["lastEventId"]
            assert client.ids == list(range(start + 1, start + 1 + len(client.ids)))
            assert client.socket.of_type("resync") == []
    assert len(clients) > 10


async def returning(house: House, journal: Journal, clients: list[Client]) -> Client:
    """One of them again, from where it was."""
    seen = [client for client in clients if client.ids]
    caller = clients[0].connection.caller if clients else await house.session(journal.user_id)
    since = Place(seen[-1].ids[-1], seen[-1].connected["epoch"]) if seen else None
    return house.enter(caller, since)


@on_sqlite
@pytest.mark.gen_test
async def test_a_tab_that_reloads_finds_its_feed_still_subscribed(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    caller = await house.session(journal.user_id)
    first = await house.follow(caller)
    feed, ticket = house.feed(journal.user_id), broker.tickets[journal.channel]
    first.socket.hang_up()
    await until(lambda: house.hub.connection_count == 0)
    broker.arrive(*journal.messages(await journal.write()))
    second = await house.follow(caller)
    assert house.feed(journal.user_id) is feed
    assert broker.tickets[journal.channel] == ticket
    assert second.connected["lastEventId"] == 1


@on_sqlite
@pytest.mark.gen_test
async def test_the_last_one_out_ends_the_subscription_after_a_while(build_house: Callable[..., House]) -> None:
    broker = HandBroker()
    house = build_house(broker=broker, linger_seconds=0.02)
    await house.start()
    journal = await house.journal()
    caller = await house.session(journal.user_id)
    one, other = await house.follow(caller), await house.follow(caller)
    one.socket.hang_up()
    other.socket.hang_up()
    await until(lambda: house.hub.feed_count == 0)
    assert journal.channel not in broker.tickets


@on_sqlite
@pytest.mark.gen_test
async def test_a_feed_lingers_after_the_last_that_left_and_not_after_an_earlier_one(
    build_house: Callable[..., House],
) -> None:
    house = build_house(linger_seconds=0.2)
    await house.start()
    journal = await house.journal()
    caller = await house.session(journal.user_id)
    loop = asyncio.get_running_loop()
    for _ in range(3):
        client = await house.follow(caller)
        client.socket.hang_up()
        left_at = loop.time()
        await until(lambda: house.hub.connection_count == 0)
        await asyncio.sleep(0.08)
    await until(lambda: house.hub.feed_count == 0)
    assert loop.time() - left_at >= 0.2


@on_sqlite
@pytest.mark.gen_test
async def test_who_came_back_in_time_is_not_let_go_with_the_feed(build_house: Callable[..., House]) -> None:
    broker = HandBroker()
    house = build_house(broker=broker, linger_seconds=0.05)
    await house.start()
    journal, other = await house.journal(), await house.journal()
    caller, stranger = await house.session(journal.user_id), await house.follow(await house.session(other.user_id))
    first = await house.follow(caller)
    first.socket.hang_up()
    await until(lambda: house.hub.connection_count == 1)
    second = await house.follow(caller)
    stranger.socket.hang_up()
    await until(lambda: house.hub.feed_count == 1)  # the stranger's time is over, and the first one's with it
    broker.arrive(*journal.messages(await journal.write()))
    assert second.ids == [1]


@on_sqlite
@pytest.mark.gen_test
async def test_the_confirmation_of_an_older_subscription_says_nothing_about_the_new_one(
    build_house: Callable[..., House],
) -> None:
    broker = HandBroker()
    house = build_house(broker=broker, linger_seconds=0.01)
    await house.start()
    journal = await house.journal()
    caller = await house.session(journal.user_id)
    first = await house.follow(caller)
    old_ticket = broker.tickets[journal.channel]
    first.socket.hang_up()
    await until(lambda: house.hub.feed_count == 0)
    broker.confirms_late = True
    reads = len(house.log.head_reads)
    second = house.enter(caller)
    assert await broker.until_subscribed(journal.channel) != old_ticket
    broker.confirm(journal.channel, old_ticket)
    await journal.write()
    other = await house.journal()
    third = house.enter(await house.session(other.user_id))
    await broker.until_subscribed(other.channel)
    broker.confirm(other.channel)
    await until(lambda: third.socket.frames)  # time enough for a read
    assert house.log.head_reads[reads:] == [other.user_id]
    broker.confirm(journal.channel)
    await house.until_following(second)
    assert second.connected["lastEventId"] == 1


@on_sqlite
@pytest.mark.gen_test
async def test_the_newest_connection_is_refused_when_there_are_too_many(build_house: Callable[..., House]) -> None:
    house = build_house(most_connections=3)
    await house.start()
    journal, other = await house.journal(), await house.journal()
    caller = await house.session(journal.user_id)
    clients = [house.enter(caller) for _ in range(3)]
    await house.until_following(*clients)
    assert house.hub.is_full(journal.user_id)
    refused = house.enter(caller)
    assert await refused.socket.until_closed() == 4013
    assert all(client.socket.is_open for client in clients)
    await house.follow(await house.session(other.user_id))
    clients[0].socket.hang_up()
    await until(lambda: not house.hub.is_full(journal.user_id))
    await house.follow(caller)


@pytest.mark.gen_test
async def test_hundreds_of_tabs_that_come_back_at_once_cost_a_few_queries(
    build_house: Callable[..., House], database: Database
) -> None:
    house = build_house()
    await house.start()
    journals = [await house.journal() for _ in range(8)]
    callers = [await house.session(journal.user_id) for journal in journals]
    for journal in journals:
        await journal.write(20)
    epoch = await epoch_of(house, journals[0])
    statements: list[str] = []
    for engine in database.engines:
        sql_event.listen(engine.sync_engine, "before_cursor_execute", lambda _1, _2, text, *_: statements.append(text))
    tabs = [house.enter(caller, Place(place % 20, epoch)) for caller in callers for place in range(40)]
    await house.until_following(*tabs)
    assert all(tab.ids == list(range(number % 40 % 20 + 1, 21)) for number, tab in enumerate(tabs))
    assert len(tabs) == 320
    assert len([text for text in statements if "SELECT" in text]) <= 16


@on_sqlite
@pytest.mark.gen_test
async def test_a_drain_spreads_the_closes_over_most_of_its_time(house: House, journal: Journal) -> None:
    caller = await house.session(journal.user_id)
    clients = [house.enter(caller) for _ in range(40)]
    await house.until_following(*clients)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    closed_at: list[float] = []
    draining = asyncio.create_task(house.hub.drain(0.5))
    while not draining.done():
        count = sum(not client.socket.is_open for client in clients)
        closed_at += [loop.time() - begun] * (count - len(closed_at))
        await asyncio.sleep(0.005)
    assert {client.socket.closed[0] for client in clients if client.socket.closed} == {1012}
    assert loop.time() - begun <= 0.5
    await until(lambda: house.hub.connection_count == 0)
    assert closed_at[-1] == pytest.approx(0.5 * DRAIN_SHARE, abs=0.1)
    assert closed_at[20] == pytest.approx(0.5 * DRAIN_SHARE / 2, abs=0.1)


@on_sqlite
@pytest.mark.gen_test
async def test_a_drain_that_runs_out_of_time_cuts_nobody_off(house: House, journal: Journal) -> None:
    caller = await house.session(journal.user_id)
    clients = [house.enter(caller) for _ in range(3)]
    await house.until_following(*clients)
    draining = asyncio.create_task(house.hub.drain(3600))
    assert await clients[0].socket.until_closed() == 1012
    assert clients[2].socket.is_open
    draining.cancel()
    assert [await client.socket.until_closed() for client in clients] == [1012] * 3


@on_sqlite
@pytest.mark.gen_test
async def test_who_comes_during_a_drain_is_sent_on_at_once(house: House, journal: Journal) -> None:
    await house.hub.drain(0)
    client = house.enter(await house.session(journal.user_id))
    assert await client.socket.until_closed() == 1012


@on_sqlite
@pytest.mark.gen_test
async def test_who_comes_while_the_database_is_away_may_come_again(
    build_house: Callable[..., House], database_url: str
) -> None:
    house = build_house()
    await house.start()
    journal = await house.journal()
    caller = await house.session(journal.user_id)
    narrow = Database(database_url, DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05))
    real, house.hub._log = house.hub._log, EventLog(narrow)
    async with narrow.lookup():  # its only connection: nobody else gets through
        client = house.enter(caller)
        assert await client.socket.until_closed() == 1012
    house.hub._log = real
    await narrow.close()
    await house.follow(caller)


@on_sqlite
@pytest.mark.gen_test
async def test_a_place_is_known_only_while_the_feed_is_open(house: House, broker: HandBroker, journal: Journal) -> None:
    broker.confirms_late = True
    assert house.hub.place_of(journal.user_id) is None
    client = house.enter(await house.session(journal.user_id))
    await broker.until_subscribed(journal.channel)
    assert house.hub.place_of(journal.user_id) is None
    broker.confirm(journal.channel)
    await house.until_following(client)
    assert house.hub.place_of(journal.user_id) == (0, await epoch_of(house, journal))


@on_sqlite
@pytest.mark.gen_test
async def test_many_that_attach_to_a_rewound_log_make_one_resync(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    caller = await house.session(journal.user_id)
    witness = await house.follow(caller)
    broker.arrive(*journal.messages(await journal.write(5)))
    await journal.rewind(2)
    tabs = [house.enter(caller, Place(5, witness.connected["epoch"])) for _ in range(10)]
    await house.until_following(*tabs)
    await house.settled(journal.user_id)
    assert witness.resyncs == [("rewound", 2)]
    assert [(tab.connected["recovered"], tab.connected["lastEventId"], tab.resyncs) for tab in tabs] == [
        (False, 2, [])
    ] * 10

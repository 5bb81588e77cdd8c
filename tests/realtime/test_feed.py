"""A feed delivers every event of its user once and in order, whatever arrives and whatever fails meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from realtime_app.broker.base import Message
from realtime_app.core.events import EventType
from realtime_app.realtime import held_events
from realtime_app.realtime.feed import Cause
from realtime_app.realtime.held_events import HELD_EVENTS
from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.event_log import Head, Page
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import LARGE, Client, House, Journal, on_sqlite
from tests.realtime.peers import until
from tests.realtime.watched_log import WatchedLog

pytestmark = on_sqlite


def claimed(journal: Journal, event_id: int, epoch: str) -> Message:
    """An event that nobody wrote."""
    body = {"type": "task:created", "payload": {}, "id": event_id, "epoch": epoch, "timestamp": ""}
    return journal.channel, json.dumps(body).encode()


async def follow(house: House, journal: Journal) -> Client:
    return await house.follow(await house.session(journal.user_id))


@pytest.mark.gen_test
async def test_events_in_order_go_out_without_a_look_at_the_log(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    reads = len(house.log.page_reads)
    for event in await journal.write(3):
        broker.arrive(*journal.messages([event]))
    assert client.ids == [1, 2, 3]
    assert len(house.log.page_reads) == reads


@pytest.mark.gen_test
async def test_an_event_goes_out_as_the_exact_object_that_was_published(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    [event] = await journal.write()
    broker.arrive((journal.channel, event.body))
    assert client.socket.sends[-1].endswith(event.body)


@pytest.mark.gen_test
async def test_a_repeat_is_dropped(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await follow(house, journal)
    first, second = await journal.write(2)
    broker.arrive(*journal.messages([first, first, second]))
    broker.arrive(*journal.messages([second, first]))
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1, 2, 3]
    assert house.counts.events_repeated == 3


@pytest.mark.gen_test
async def test_publishers_that_overtake_each_other_are_put_in_order_without_a_look_at_the_log(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    reads = len(house.log.page_reads)
    events = await journal.write(HELD_EVENTS + 1)
    for event in reversed(events):
        broker.arrive(*journal.messages([event]))
    assert client.ids == [event.id for event in events]
    assert len(house.log.page_reads) == reads
    other = await house.journal()
    witness = await follow(house, other)
    broker.arrive(*other.messages((await other.write(2))[1:]))
    await witness.socket.until_ids(1, 2)  # 25 ms later that one looked
    assert {user_id for user_id, _ in house.log.page_reads[reads:]} == {other.user_id}


@pytest.mark.gen_test
async def test_a_gap_that_does_not_heal_in_25_ms_is_filled_from_the_log(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    _, second, third = await journal.write(3)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    broker.arrive(*journal.messages([third, second]))
    assert client.ids == []
    await client.socket.until_ids(1, 2, 3)
    assert loop.time() - begun >= held_events.HOLD_SECONDS
    assert house.counts.catch_ups == {Cause.HOLE: 1}


@pytest.mark.gen_test
async def test_more_than_64_events_beyond_a_gap_are_not_waited_for(
    house: House, broker: HandBroker, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_events, "HOLD_SECONDS", 60.0)
    client = await follow(house, journal)
    _, *later = await journal.write(HELD_EVENTS + 2)
    broker.arrive(*journal.messages(later[:HELD_EVENTS]))
    assert not house.feed(journal.user_id).is_catching_up
    broker.arrive(*journal.messages(later[HELD_EVENTS:]))
    assert house.feed(journal.user_id).is_catching_up
    await client.socket.until_ids(*range(1, HELD_EVENTS + 3))


@pytest.mark.gen_test
async def test_a_second_gap_behind_a_healed_one_is_filled_from_the_log_too(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    first, second, _, fourth = await journal.write(4)
    broker.arrive(*journal.messages([second, fourth, first]))
    assert client.ids == [1, 2]
    await client.socket.until_ids(1, 2, 3, 4)


@pytest.mark.gen_test
async def test_an_event_that_the_log_does_not_have_is_dropped_and_counted_and_moves_nothing(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    position, epoch = house.place(journal.user_id)
    broker.arrive(claimed(journal, 7, epoch))
    await until(lambda: house.counts.event_drops["not_in_log"] == 1)
    assert house.place(journal.user_id) == (position, epoch)
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1]
    assert client.resyncs == []


@pytest.mark.gen_test
async def test_an_event_of_another_epoch_is_dropped_and_counted_and_moves_nothing(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    reads = len(house.log.page_reads)
    broker.arrive(claimed(journal, 1, "other"), claimed(journal, 5, "other"))
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1]
    assert client.socket.types == ["connected", "task:created"]
    assert house.counts.event_drops == {"epoch": 2}
    assert len(house.log.page_reads) == reads


@pytest.mark.gen_test
async def test_a_rewound_log_is_answered_with_a_resync_to_its_head_and_epoch(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    broker.arrive(*journal.messages(await journal.write(5)))
    await journal.rewind(2)
    house.feed(journal.user_id).catch_up(Cause.SWEEP)
    await until(lambda: client.resyncs)
    epoch = house.place(journal.user_id)[1]
    assert client.socket.frames[-1]["payload"] == {"reason": "rewound", "epoch": epoch, "lastEventId": 2}
    assert house.place(journal.user_id) == (2, epoch)
    await house.settled(journal.user_id)
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1, 2, 3, 4, 5, 3]


@pytest.mark.gen_test
async def test_a_changed_epoch_is_answered_with_a_resync(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await follow(house, journal)
    broker.arrive(*journal.messages(await journal.write(2)))
    epoch = await journal.change_epoch()
    house.feed(journal.user_id).catch_up(Cause.SWEEP)
    await until(lambda: client.resyncs)
    assert client.socket.frames[-1]["payload"] == {"reason": "epoch", "epoch": epoch, "lastEventId": 2}
    await house.settled(journal.user_id)
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1, 2, 3]


@pytest.mark.gen_test
async def test_what_was_written_while_a_resync_was_found_is_read_too(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    await journal.change_epoch()
    house.log.hold()
    house.feed(journal.user_id).catch_up(Cause.SWEEP)
    await house.log.until_held()
    # Its message bears the new epoch, of which the feed doesn't know yet.
    broker.arrive(*journal.messages(await journal.write()))
    house.log.let_go()
    await client.socket.until_ids(1)
    assert client.resyncs == [("epoch", 0)]


@pytest.mark.gen_test
async def test_what_was_written_after_the_head_that_tells_of_a_resync_is_read_too(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    feed = house.feed(journal.user_id)
    before = feed.mark
    await journal.change_epoch()
    head = (await house.log.heads([journal.user_id]))[journal.user_id]
    broker.arrive(*journal.messages(await journal.write()))  # dropped: its epoch is not the feed's
    feed.compare(before, head, Cause.SWEEP)
    await client.socket.until_ids(1)
    assert client.resyncs == [("epoch", 0)]


@pytest.mark.gen_test
async def test_a_hole_in_the_log_itself_is_answered_with_a_resync(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    events = await journal.write(5)
    await journal.lose(3, 4)
    broker.arrive(*journal.messages(events[4:]))
    await until(lambda: client.resyncs)
    assert client.ids == [1, 2]
    assert client.resyncs == [("hole", 5)]
    await house.settled(journal.user_id)
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1, 2, 6]


@pytest.mark.gen_test
async def test_many_requests_make_one_catch_up_that_reads_once_at_a_time(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    await journal.write(3)
    feed = house.feed(journal.user_id)
    reads = len(house.log.page_reads)
    house.log.hold()
    for _ in range(20):
        feed.catch_up(Cause.SWEEP)
        feed.heard_of(3)
    await house.log.until_held()
    for _ in range(20):
        feed.catch_up(Cause.CONFIRMED)
    house.log.let_go()
    await client.socket.until_ids(1, 2, 3)
    await house.settled(journal.user_id)
    assert house.log.most_reading == 1
    assert len(house.log.page_reads) - reads == 2
    assert sum(house.counts.catch_ups.values()) == 1


@pytest.mark.gen_test
async def test_events_that_arrive_during_the_read_only_raise_what_was_heard(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    first, second = await journal.write(2)
    house.log.hold()
    house.feed(journal.user_id).catch_up(Cause.SWEEP)
    await house.log.until_held()
    third, fourth = await journal.write(2)
    broker.arrive(*journal.messages([first, fourth, third]))
    assert client.ids == []
    house.log.let_go()
    await client.socket.until_ids(1, 2, 3, 4)
    await house.settled(journal.user_id)
    broker.arrive(*journal.messages([second, *(await journal.write())]))
    assert client.ids == [1, 2, 3, 4, 5]


@pytest.mark.gen_test
async def test_a_catch_up_goes_on_until_it_has_reached_the_highest_heard(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    house.log.hold()
    house.feed(journal.user_id).catch_up(Cause.SWEEP)
    await house.log.until_held()  # this read has found nothing
    broker.arrive(*journal.messages(await journal.write()))
    house.log.let_go()
    await client.socket.until_ids(1)


@pytest.mark.gen_test
async def test_a_request_during_a_read_makes_one_more_for_the_read_may_be_too_old(
    house: House, journal: Journal
) -> None:
    client = await follow(house, journal)
    feed = house.feed(journal.user_id)
    house.log.hold()
    feed.catch_up(Cause.SWEEP)
    await house.log.until_held()
    await journal.write()
    feed.catch_up(Cause.CONFIRMED)  # nobody heard of the event itself
    house.log.let_go()
    await client.socket.until_ids(1)


@pytest.mark.gen_test
async def test_a_long_way_is_caught_up_page_by_page(house: House, journal: Journal) -> None:
    client = await follow(house, journal)
    await journal.write(1100)
    house.feed(journal.user_id).heard_of(1100)
    await client.socket.until_ids(*range(1, 1101))
    await house.settled(journal.user_id)
    assert [after for _, after in house.log.page_reads] == [0, 500, 1000]


@pytest.mark.gen_test
async def test_who_takes_a_long_catch_up_slowly_goes_on_at_its_own_pace(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    quick, slow = await follow(house, journal), await follow(house, journal)
    slow.socket.is_slow = True
    for _ in range(20):
        await journal.write(10, EventType.TASK_REORDERED, LARGE)
    house.feed(journal.user_id).heard_of(200)
    await quick.socket.until_ids(*range(1, 201))
    await house.settled(journal.user_id)
    assert house.hub.replay_count == 1
    assert slow.connection.place[0] == slow.ids[-1] < 200
    broker.arrive(*journal.messages(await journal.write()))
    while house.hub.replay_count:
        slow.socket.take(slow.socket.queued_bytes)
        await asyncio.sleep(0)
    broker.arrive(*journal.messages(await journal.write()))
    assert quick.ids == slow.ids == list(range(1, 203))
    assert slow.socket.most_queued_bytes < 512 * 1024  # the least that WS_OUTPUT_LIMIT_BYTES may be


@pytest.mark.gen_test
async def test_a_catch_up_resumes_by_itself_when_the_database_is_back(
    build_house: Callable[..., House], broker: HandBroker, database_url: str
) -> None:
    house = build_house()
    await house.start()
    journal = await house.journal()
    client = await follow(house, journal)
    narrow = Database(database_url, DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05))
    log = WatchedLog(narrow)
    feed = house.feed(journal.user_id)
    feed._around = replace(feed._around, log=log)
    async with narrow.lookup():  # its only connection: nobody else gets through
        feed.catch_up(Cause.SWEEP)
        await until(lambda: len(log.page_reads) > 1)
        broker.arrive(*journal.messages(await journal.write(2)))
        assert client.ids == []
    await client.socket.until_ids(1, 2)
    assert client.socket.is_open
    await house.settled(journal.user_id)
    await narrow.close()


@pytest.mark.gen_test
async def test_an_unknown_event_is_not_dropped_before_a_read_without_error(
    house: House, broker: HandBroker, journal: Journal, database_url: str
) -> None:
    client = await follow(house, journal)
    narrow = Database(database_url, DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05))
    log = WatchedLog(narrow)
    feed = house.feed(journal.user_id)
    feed._around = replace(feed._around, log=log)
    async with narrow.lookup():  # its only connection: nobody else gets through
        broker.arrive(claimed(journal, 2, feed.epoch))
        await until(lambda: len(log.page_reads) > 1)
        assert house.counts.event_drops == {}
        await journal.write(2)  # now the log has what was claimed before
    await client.socket.until_ids(1, 2)
    await house.settled(journal.user_id)
    assert house.counts.event_drops == {}
    await narrow.close()


@pytest.mark.gen_test
async def test_of_a_page_only_what_follows_the_position_is_applied(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    events = await journal.write(5)
    broker.arrive(*journal.messages(events[:3]))
    feed = house.feed(journal.user_id)
    feed._apply_page(Page(Head(5, 0, feed.epoch), events[1:]))
    assert client.ids == [1, 2, 3, 4, 5]


@pytest.mark.gen_test
async def test_the_connections_of_a_user_who_is_gone_are_closed_by_the_catch_up(house: House, journal: Journal) -> None:
    client = await follow(house, journal)
    await journal.delete_user()
    house.feed(journal.user_id).catch_up(Cause.SWEEP)
    assert await client.socket.until_closed() == 4001


@pytest.mark.gen_test
async def test_events_of_one_user_never_reach_another(house: House, broker: HandBroker, journal: Journal) -> None:
    other = await house.journal()
    client, stranger = await follow(house, journal), await follow(house, other)
    broker.arrive(*journal.messages(await journal.write(2)), *other.messages(await other.write(1)))
    assert (client.ids, stranger.ids) == ([1, 2], [1])
    assert [frame["type"] for frame in stranger.socket.frames] == ["connected", "task:created"]


@pytest.mark.gen_test
async def test_one_head_compared_many_times_makes_one_resync(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    broker.arrive(*journal.messages(await journal.write(5)))
    feed = house.feed(journal.user_id)
    before = feed.mark
    await journal.rewind(2)
    head = await house.log.head(journal.user_id)
    assert head is not None
    for _ in range(3):
        feed.compare(before, head, Cause.SWEEP)
    await house.settled(journal.user_id)
    assert client.resyncs == [("rewound", 2)]


@pytest.mark.gen_test
async def test_a_page_that_was_read_before_a_resync_is_not_applied_after_it(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await follow(house, journal)
    broker.arrive(*journal.messages(await journal.write(5)))
    await journal.write(3)
    feed = house.feed(journal.user_id)
    house.log.hold()
    feed.catch_up(Cause.SWEEP)
    await house.log.until_held()  # events 6 to 8, and 8 as the head
    before = feed.mark
    await journal.rewind(2)
    heads = await house.log.heads([journal.user_id])
    feed.compare(before, heads[journal.user_id], Cause.SWEEP)
    house.log.let_go()
    await house.settled(journal.user_id)
    assert client.resyncs == [("rewound", 2)]
    assert feed.position == 2
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids == [1, 2, 3, 4, 5, 3]


@pytest.mark.gen_test
async def test_what_was_held_before_a_resync_is_forgotten(
    house: House, broker: HandBroker, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_events, "HOLD_SECONDS", 60.0)
    client = await follow(house, journal)
    broker.arrive(*journal.messages(await journal.write(3)))
    feed = house.feed(journal.user_id)
    epoch = feed.epoch
    broker.arrive(claimed(journal, 5, epoch))
    before = feed.mark
    await journal.rewind(3 - 1)
    head = (await house.log.heads([journal.user_id]))[journal.user_id]
    feed.compare(before, head, Cause.SWEEP)
    await house.settled(journal.user_id)
    broker.arrive(*journal.messages(await journal.write(2)))
    assert client.ids == [1, 2, 3, 3, 4]


@pytest.mark.gen_test
async def test_everything_of_one_read_travels_in_one_send(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await follow(house, journal)
    sends = len(client.socket.sends)
    broker.arrive(*journal.messages(await journal.write(10)))
    assert client.ids == list(range(1, 11))
    assert len(client.socket.sends) - sends == 1

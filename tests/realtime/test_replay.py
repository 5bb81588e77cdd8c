"""Who comes back is brought up to date from the log, without a hole and without harm to the others."""

from __future__ import annotations

import asyncio
import socket
import time
from uuid import uuid4

import orjson
import pytest

from realtime_app.auth.caller import Caller
from realtime_app.core.events import EventType, TaskReorderedPayload
from realtime_app.core.place import Place
from realtime_app.core.scopes import Scope
from realtime_app.realtime import replay as replay_module
from realtime_app.realtime.client_socket import SMALL_OUTPUT_BYTES
from realtime_app.realtime.feed import Cause
from realtime_app.realtime.socket_poller import SocketPoller
from realtime_app.store.engine import Database, DatabaseLimits
from realtime_app.store.event_log import PAGE_BYTES, PAGES_AT_ONCE
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import LARGE, Client, House, Journal, on_sqlite
from tests.realtime.peers import FrameClient, unix_pair, until
from tests.realtime.test_revocation import end_session
from tests.realtime.watched_log import WatchedLog

pytestmark = on_sqlite


async def epoch_of(house: House, journal: Journal) -> str:
    return (await house.log.heads([journal.user_id]))[journal.user_id].epoch


async def beginning(house: House, journal: Journal) -> Place:
    return Place(0, await epoch_of(house, journal))


def give_up_after(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_module, "NO_PROGRESS_SECONDS", seconds)
    monkeypatch.setattr(replay_module, "LOOK_SECONDS", seconds / 4)
    monkeypatch.setattr(replay_module, "LATE_SECONDS", seconds)


@pytest.mark.gen_test
async def test_a_long_absence_is_replayed_page_by_page(house: House, journal: Journal) -> None:
    await journal.write(1100)
    client = await house.follow(await house.session(journal.user_id), await beginning(house, journal))
    assert client.ids == list(range(1, 1101))
    assert [after for _, after in house.log.page_reads] == [0, 500, 1000]


@pytest.mark.gen_test
async def test_large_events_come_in_small_pages_each_of_which_is_read_once(house: House, journal: Journal) -> None:
    for _ in range(10):
        await journal.write(10, EventType.TASK_REORDERED, LARGE)
    client = await house.follow(await house.session(journal.user_id), await beginning(house, journal))
    assert client.ids == list(range(1, 101))
    positions = [after for _, after in house.log.page_reads]
    assert len(positions) == len(set(positions)) > 2


@pytest.mark.gen_test
async def test_who_is_up_to_date_joins_without_a_look_at_the_log(house: House, journal: Journal) -> None:
    await journal.write(3)
    await house.follow(await house.session(journal.user_id), Place(3, await epoch_of(house, journal)))
    assert house.log.page_reads == []
    assert house.counts.replays == 0


@pytest.mark.gen_test
async def test_the_next_page_waits_until_the_clients_output_is_small(house: House, journal: Journal) -> None:
    for _ in range(10):
        await journal.write(10, EventType.TASK_REORDERED, LARGE)
    client = house.enter(await house.session(journal.user_id), await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    seen = len(client.ids)
    assert seen < 100
    client.socket.take(client.socket.queued_bytes - SMALL_OUTPUT_BYTES - 1)
    other = await house.journal()
    await other.write(2)
    quick = house.enter(await house.session(other.user_id), await beginning(house, other))
    await quick.socket.until_ids(1, 2)  # time enough for a read
    assert len(client.ids) == seen
    client.socket.take(1)
    await until(lambda: len(client.ids) > seen)
    while house.hub.replay_count:
        client.socket.take(client.socket.queued_bytes)
        await asyncio.sleep(0)
    assert client.ids == list(range(1, 101))
    assert client.socket.most_queued_bytes < 2 * PAGE_BYTES


@pytest.mark.gen_test
async def test_no_more_than_32_pages_are_read_at_once(house: House) -> None:
    journals = [await house.journal() for _ in range(PAGES_AT_ONCE + 8)]
    for journal in journals:
        await journal.write(2)
    since = await beginning(house, journals[0])
    clients = await come_back_at_once(house, [await house.session(journal.user_id) for journal in journals], since)
    assert all(client.ids == [1, 2] for client in clients)
    assert max(house.log.page_queries) == PAGES_AT_ONCE
    assert house.log.most_querying == 1


@pytest.mark.gen_test
async def test_tabs_of_one_user_that_come_back_at_once_share_a_page(house: House, journal: Journal) -> None:
    await journal.write(2)
    caller, since = await house.session(journal.user_id), await beginning(house, journal)
    clients = await come_back_at_once(house, [caller] * (PAGES_AT_ONCE + 8), since)
    assert all(client.ids == [1, 2] for client in clients)
    assert house.log.page_queries == [1]


async def come_back_at_once(house: House, callers: list[Caller], since: Place) -> list[Client]:
    house.log.hold()
    clients = [house.enter(caller, since) for caller in callers]
    await house.log.until_held(len({caller.user_id for caller in callers}))  # their heads
    house.log.let_go()
    await house.until_following(*clients)
    return clients


@pytest.mark.gen_test
async def test_slow_clients_keep_nobody_from_reading(house: House, journal: Journal) -> None:
    for _ in range(5):
        await journal.write(10, EventType.TASK_REORDERED, LARGE)
    caller, since = await house.session(journal.user_id), await beginning(house, journal)
    slow = [house.enter(caller, since, is_slow=True) for _ in range(PAGES_AT_ONCE + 3)]
    await until(lambda: all(client.ids for client in slow))
    quick = house.enter(caller, since)
    await quick.socket.until_ids(*range(1, 51))
    assert house.hub.replay_count == len(slow)
    for client in slow:
        client.socket.hang_up()
    await until(lambda: house.hub.replay_count == 0)


@pytest.mark.gen_test
async def test_a_client_that_takes_nothing_is_closed_as_too_slow(
    house: House, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up_after(0.1, monkeypatch)
    await journal.write(20, EventType.TASK_REORDERED, LARGE)
    client = house.enter(await house.session(journal.user_id), await beginning(house, journal), is_slow=True)
    assert await client.socket.until_closed() == 4008


@pytest.mark.gen_test
async def test_a_client_that_takes_little_by_little_is_not_closed(
    house: House, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up_after(0.2, monkeypatch)
    await journal.write(20, EventType.TASK_REORDERED, LARGE)
    client = house.enter(await house.session(journal.user_id), await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    for _ in range(8):  # twice the time without progress
        client.socket.take(1)
        await asyncio.sleep(0.05)
    assert client.socket.is_open
    client.socket.hang_up()


@pytest.mark.gen_test
async def test_nobody_is_closed_for_what_the_process_did_not_see_while_it_stood_still(
    house: House, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up_after(0.2, monkeypatch)
    await journal.write(20, EventType.TASK_REORDERED, LARGE)
    client = house.enter(await house.session(journal.user_id), await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    for _ in range(3):
        time.sleep(0.5)  # noqa: ASYNC251 - standing still is the point
        # As the poller does it: in the very turn of the loop in which the deadline is seen to have passed.
        asyncio.get_running_loop().call_soon(client.socket.take, 1)
        await asyncio.sleep(0)
    assert client.socket.is_open
    assert await client.socket.until_closed() == 4008


@pytest.mark.gen_test
async def test_a_replay_waits_for_the_database_and_is_not_called_slow(
    house: House, journal: Journal, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up_after(0.1, monkeypatch)
    await journal.write(3)
    caller, since = await house.session(journal.user_id), await beginning(house, journal)
    narrow = Database(database_url, DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05))
    log = house.hub.replay._log = WatchedLog(narrow)
    async with narrow.lookup():  # its only connection: nobody else gets through
        client = house.enter(caller, since)
        await until(lambda: len(log.page_reads) > 1)
    await client.socket.until_ids(1, 2, 3)
    await narrow.close()


@pytest.mark.gen_test
async def test_a_replay_whose_client_has_left_asks_the_database_no_more(
    house: House, journal: Journal, database_url: str
) -> None:
    await journal.write(3)
    caller, since = await house.session(journal.user_id), await beginning(house, journal)
    narrow = Database(database_url, DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05))
    log = house.hub.replay._log = WatchedLog(narrow)
    async with narrow.lookup():  # its only connection: nobody else gets through
        client = house.enter(caller, since)
        await until(lambda: len(log.page_reads) == 1)
        client.socket.hang_up()
        await until(lambda: not house.hub.replay_count)
    assert len(log.page_reads) == 1
    await narrow.close()


@pytest.mark.gen_test
@pytest.mark.parametrize(("ended_by", "code"), [("a drain", 1012), ("a revocation", 4001)])
async def test_a_replay_ends_in_the_middle_when_its_connection_has_to(
    house: House, journal: Journal, ended_by: str, code: int
) -> None:
    await journal.write(100, EventType.TASK_REORDERED, LARGE)
    caller = await house.session(journal.user_id)
    client = house.enter(caller, await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    if ended_by == "a drain":
        await house.hub.drain(0)
    else:
        await end_session(house, client)
        house.revocations.announce(journal.user_id)
    assert await client.socket.until_closed() == code
    await until(lambda: not house.hub.replay_count)
    assert client.ids == list(range(1, len(client.ids) + 1))
    assert len(client.ids) < 100


@pytest.mark.gen_test
async def test_a_replay_of_the_largest_events_is_within_every_output_limit(house: House, journal: Journal) -> None:
    largest: TaskReorderedPayload = {"date": "backlog", "taskIds": [str(uuid4()) for _ in range(3300)]}
    for _ in range(4):
        await journal.write(5, EventType.TASK_REORDERED, largest)
    poller = SocketPoller(512 * 1024)  # the least that WS_OUTPUT_LIMIT_BYTES may be
    await poller.start()
    server_end, client_end = unix_pair()
    server_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    client = await FrameClient.on(client_end)
    house.enter_with(poller.adopt(server_end), await house.session(journal.user_id), await beginning(house, journal))
    assert "connected" in await client.text()
    assert [orjson.loads(await client.text())["id"] for _ in range(20)] == list(range(1, 21))
    client.hang_up()
    await poller.close()


@pytest.mark.gen_test
async def test_who_was_closed_as_too_slow_comes_back_to_all_that_it_missed(
    house: House, broker: HandBroker, journal: Journal, poller: SocketPoller
) -> None:
    caller, (_, epoch) = await house.session(journal.user_id), await beginning(house, journal)
    server_end, client_end = unix_pair()
    lean, client = poller.adopt(server_end), await FrameClient.on(client_end)
    house.enter_with(lean, caller)
    assert "connected" in await client.text()
    while lean.is_open:
        broker.arrive(*journal.messages(await journal.write(20, EventType.TASK_REORDERED, LARGE)))
    written, _ = house.place(journal.user_id)
    heard, code = await events_until_close(client)
    assert code == 4008
    assert heard == list(range(1, len(heard) + 1))
    assert len(heard) < written
    again = await house.follow(caller, Place(len(heard), epoch))
    assert heard + again.ids == list(range(1, written + 1))
    client.hang_up()


async def events_until_close(client: FrameClient) -> tuple[list[int], int]:
    """Their ids, and the code."""
    ids = []
    opcode, payload = await client.frame()
    while opcode != 0x8:
        ids.append(orjson.loads(payload)["id"])
        opcode, payload = await client.frame()
    return ids, int.from_bytes(payload[:2])


@pytest.mark.gen_test
async def test_it_joins_only_when_nothing_newer_is_left(house: House, broker: HandBroker, journal: Journal) -> None:
    caller = await house.session(journal.user_id)
    await house.follow(caller)
    broker.arrive(*journal.messages(await journal.write(3)))
    house.log.hold()
    client = house.enter(caller, await beginning(house, journal))
    await house.log.until_held()
    house.log.let_go()
    await client.socket.until_ids(1, 2, 3)
    house.log.hold()
    late = house.enter(caller, Place(1, await epoch_of(house, journal)))
    await house.log.until_held()  # its head
    house.log.let_go()
    house.log.hold()
    await house.log.until_held()  # events 2 and 3
    broker.arrive(*journal.messages(await journal.write(2)))
    assert late.ids == []
    house.log.let_go()
    await late.socket.until_ids(2, 3, 4, 5)
    await house.until_following(late)
    broker.arrive(*journal.messages(await journal.write()))
    assert late.ids == [2, 3, 4, 5, 6]


@pytest.mark.gen_test
async def test_a_replay_that_overtakes_its_feed_waits_for_it(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    caller = await house.session(journal.user_id)
    witness = await house.follow(caller)
    events = await journal.write(4)  # their messages are still on the way
    client = house.enter(caller, await beginning(house, journal))
    await client.socket.until_ids(1, 2, 3, 4)
    await house.until_following(client)
    await witness.socket.until_ids(1, 2, 3, 4)
    broker.arrive(*journal.messages([*events, *(await journal.write())]))
    assert client.ids == witness.ids == [1, 2, 3, 4, 5]


@pytest.mark.gen_test
async def test_what_was_pruned_under_a_replay_is_a_resync(house: House, journal: Journal) -> None:
    for _ in range(10):
        await journal.write(10, EventType.TASK_REORDERED, LARGE)
    client = house.enter(await house.session(journal.user_id), await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    await journal.prune(90)
    client.socket.is_slow = False
    client.socket.take(client.socket.queued_bytes)
    await house.until_following(client)
    assert client.resyncs == [("hole", 100)]
    assert client.ids == list(range(1, len(client.ids) + 1))
    assert len(client.ids) < 90


@pytest.mark.gen_test
@pytest.mark.parametrize("noticed_by", ["the feed", "the replay"])
async def test_a_log_that_is_rewound_under_a_replay_is_one_resync_for_everybody(
    house: House, broker: HandBroker, journal: Journal, noticed_by: str
) -> None:
    caller = await house.session(journal.user_id)
    witness = await house.follow(caller)
    for _ in range(10):
        broker.arrive(*journal.messages(await journal.write(10, EventType.TASK_REORDERED, LARGE)))
    client = house.enter(caller, await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    await journal.rewind(5)
    if noticed_by == "the feed":
        house.feed(journal.user_id).catch_up(Cause.SWEEP)
        await until(lambda: witness.resyncs)
    client.socket.is_slow = False
    client.socket.take(client.socket.queued_bytes)
    await house.until_following(client)
    assert client.resyncs == witness.resyncs == [("rewound", 5)]
    await house.settled(journal.user_id)
    broker.arrive(*journal.messages(await journal.write()))
    assert client.ids[-1] == witness.ids[-1] == 6


@pytest.mark.gen_test
async def test_a_log_that_is_rewound_and_written_on_under_a_replay_hides_nothing(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    caller = await house.session(journal.user_id)
    await house.follow(caller)
    for _ in range(10):
        broker.arrive(*journal.messages(await journal.write(10, EventType.TASK_REORDERED, LARGE)))
    client = house.enter(caller, await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    await journal.rewind(5)
    house.feed(journal.user_id).catch_up(Cause.SWEEP)
    await house.settled(journal.user_id)
    # The log grows past what the client had before: by ids alone nothing would look wrong.
    broker.arrive(*journal.messages(await journal.write(60)))
    client.socket.is_slow = False
    client.socket.take(client.socket.queued_bytes)
    await house.until_following(client)
    assert client.resyncs == [("rewound", 65)]


@pytest.mark.gen_test
async def test_who_is_ahead_of_a_rewound_log_that_its_feed_never_was_ahead_of_is_told(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    caller = await house.session(journal.user_id)
    witness = await house.follow(caller)
    broker.arrive(*journal.messages(await journal.write(3)))
    feed = house.feed(journal.user_id)
    ahead = house.unattached(caller)
    ahead.connection.position, ahead.connection.epoch = 5, feed.epoch
    feed.audience.enter(ahead.connection)
    await house.hub.replay.run(ahead.connection, feed, feed.resyncs)
    assert ahead.resyncs == [("rewound", 3)]
    assert witness.resyncs == []
    broker.arrive(*journal.messages(await journal.write()))
    assert ahead.ids == [4]


@pytest.mark.gen_test
async def test_a_new_epoch_under_a_replay_is_one_resync(house: House, broker: HandBroker, journal: Journal) -> None:
    caller = await house.session(journal.user_id)
    for _ in range(10):
        await journal.write(10, EventType.TASK_REORDERED, LARGE)
    client = house.enter(caller, await beginning(house, journal), is_slow=True)
    await until(lambda: client.ids)
    epoch = await journal.change_epoch()
    client.socket.is_slow = False
    client.socket.take(client.socket.queued_bytes)
    await house.until_following(client)
    assert client.resyncs == [("epoch", 100)]
    assert client.connection.place == (100, epoch)


@pytest.mark.gen_test
async def test_a_key_hears_only_its_families_and_its_position_passes_over_the_rest(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    await journal.write(2, EventType.TASK_CREATED)
    await journal.write(2, EventType.TIME_BLOCK_CREATED, {"timeBlockId": "b", "date": "2026-11-23", "version": 1})
    await journal.write(1, EventType.TASK_UPDATED)
    await journal.write(1, EventType.USER_UPDATED, {"fields": ["name"]})
    key = await house.key(journal.user_id, Scope.TIME_BLOCKS_READ)
    client = await house.follow(key, await beginning(house, journal))
    assert client.ids == [3, 4]
    assert client.connection.place == (6, await epoch_of(house, journal))
    broker.arrive(*journal.messages(await journal.write(1)))
    assert client.ids == [3, 4]
    assert client.connection.place[0] == 7


@pytest.mark.gen_test
async def test_a_client_that_leaves_during_its_replay_leaves_nothing_behind(house: House, journal: Journal) -> None:
    await journal.write(3)
    house.log.hold()
    client = house.enter(await house.session(journal.user_id), await beginning(house, journal))
    await house.log.until_held()
    client.socket.hang_up()
    house.log.let_go()
    await until(lambda: house.hub.replay_count == 0 and house.hub.connection_count == 0)
    assert client.ids == []

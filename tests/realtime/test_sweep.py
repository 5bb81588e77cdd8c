"""What no message told is found by comparing the feeds with the database, soon and at little cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from realtime_app.broker.base import LinkState
from realtime_app.realtime import sweep as sweep_module
from realtime_app.realtime.feed import Cause
from realtime_app.store.engine import Database, DatabaseLimits
from tests.planner import FakeClock
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import House, Journal, on_sqlite
from tests.realtime.peers import until
from tests.realtime.watched_log import WatchedLog

pytestmark = on_sqlite


@pytest.fixture
def sweeping(build_house: Callable[..., House]) -> Callable[..., object]:
    async def sweeping(seconds: float) -> tuple[House, Journal]:
        """A house whose sweep runs and whose link is up, and a user who follows nothing yet."""
        house = build_house(sweep_seconds=seconds)
        await house.start()
        await house.sweep.start()
        return house, await house.journal()

    return sweeping


@pytest.mark.gen_test
async def test_an_event_whose_message_got_lost_is_found(sweeping: Callable[..., object]) -> None:
    house, journal = await sweeping(0.1)
    client = await house.follow(await house.session(journal.user_id))
    await journal.write(2)
    await client.socket.until_ids(1, 2)
    assert house.counts.catch_ups == {Cause.SWEEP: 1}
    assert house.counts.sweeps >= 1


@pytest.mark.gen_test
@pytest.mark.parametrize("days", [-4000, 4000])
async def test_no_clock_takes_part_in_finding_what_got_lost(sweeping: Callable[..., object], days: int) -> None:
    house, journal = await sweeping(0.05)
    client = await house.follow(await house.session(journal.user_id))
    other_clock = FakeClock()
    other_clock.advance(days=days)
    elsewhere = Journal(house.database, journal.user_id, other_clock)
    for writer in (elsewhere, journal, elsewhere):
        await writer.write()
        await client.socket.until_ids(*range(1, len(client.ids) + 2))


@pytest.mark.gen_test
async def test_a_feed_that_keeps_up_is_not_read(sweeping: Callable[..., object], broker: HandBroker) -> None:
    house, journal = await sweeping(0.02)
    await house.follow(await house.session(journal.user_id))
    broker.arrive(*journal.messages(await journal.write(2)))
    rounds = house.counts.sweeps
    await until(lambda: house.counts.sweeps >= rounds + 3)
    assert house.log.page_reads == []


@pytest.mark.gen_test
async def test_a_rewound_log_and_a_new_epoch_are_found(sweeping: Callable[..., object], broker: HandBroker) -> None:
    house, journal = await sweeping(0.02)
    client = await house.follow(await house.session(journal.user_id))
    broker.arrive(*journal.messages(await journal.write(4)))
    await journal.rewind(1)
    await until(lambda: client.resyncs == [("rewound", 1)])
    await journal.change_epoch()
    await until(lambda: client.resyncs == [("rewound", 1), ("epoch", 1)])


@pytest.mark.gen_test
async def test_one_query_is_about_500_feeds_and_they_are_spread_over_the_round(
    sweeping: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "PAGE", 5)  # a page of 500 with a hundredth of the users
    house, _ = await sweeping(0.3)
    for _ in range(12):
        journal = await house.journal()
        await house.follow(await house.session(journal.user_id))
    rounds = house.counts.sweeps
    await until(lambda: house.counts.sweeps > rounds)
    house.log.heads_reads.clear()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await until(lambda: len(house.log.heads_reads) == 1)
    assert loop.time() - begun >= 0.08  # a third of the round
    rounds = house.counts.sweeps
    await until(lambda: house.counts.sweeps > rounds)
    assert house.log.heads_reads == [5, 5, 2]
    assert 0.25 <= loop.time() - begun < 0.6


@pytest.mark.gen_test
async def test_a_round_takes_no_longer_when_its_queries_do(
    sweeping: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "PAGE", 2)
    house, _ = await sweeping(0.6)
    for _ in range(12):
        journal = await house.journal()
        await house.follow(await house.session(journal.user_id))
    house.log.seconds_per_heads = 0.09
    rounds = house.counts.sweeps
    await until(lambda: house.counts.sweeps > rounds)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await until(lambda: house.counts.sweeps > rounds + 1)
    assert loop.time() - begun < 0.95  # the round and its last query; with all six it would be 1.14


@pytest.mark.gen_test
async def test_a_feed_that_came_during_the_round_is_looked_at_before_it_ends(sweeping: Callable[..., object]) -> None:
    house, journal = await sweeping(0.5)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    client = await house.follow(await house.session(journal.user_id))
    await journal.write()
    await client.socket.until_ids(1)
    assert loop.time() - begun < 0.8


@pytest.mark.gen_test
async def test_the_round_is_fast_until_the_link_is_up_for_the_first_time(
    build_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "FAST_SECONDS", 0.05)
    # Redis could not be reached when the process began: nobody is told of a change.
    house = build_house(broker=HandBroker(LinkState.DOWN), sweep_seconds=60.0)
    await house.start()
    await house.sweep.start()
    journal = await house.journal()
    client = await house.follow(await house.session(journal.user_id))
    await journal.write()
    await client.socket.until_ids(1)


@pytest.mark.gen_test
@pytest.mark.parametrize("state", [LinkState.DOWN, LinkState.DEAF])
async def test_the_round_is_fast_while_the_link_does_not_work_and_begins_at_once(
    sweeping: Callable[..., object], monkeypatch: pytest.MonkeyPatch, broker: HandBroker, state: LinkState
) -> None:
    monkeypatch.setattr(sweep_module, "FAST_SECONDS", 0.05)
    house, journal = await sweeping(60.0)
    client = await house.follow(await house.session(journal.user_id))
    await journal.write()
    broker.turn(state)
    await client.socket.until_ids(1)
    await journal.write()
    await client.socket.until_ids(1, 2)
    broker.turn(LinkState.UP)
    rounds = house.counts.sweeps
    await until(lambda: house.counts.sweeps > rounds)  # the one that was under way
    reads = len(house.log.heads_reads)
    await asyncio.sleep(0.2)  # four fast rounds
    assert len(house.log.heads_reads) == reads


@pytest.mark.gen_test
async def test_feeds_whose_channels_are_confirmed_anew_are_compared_together_and_soon(
    sweeping: Callable[..., object], broker: HandBroker
) -> None:
    house, _ = await sweeping(60.0)
    journals = [await house.journal() for _ in range(20)]
    clients = [await house.follow(await house.session(journal.user_id)) for journal in journals]
    for journal in journals:
        await journal.write()
    house.log.heads_reads.clear()
    for journal in journals:
        broker.confirm(journal.channel)
    for client in clients:
        await client.socket.until_ids(1)
    assert house.log.heads_reads == [20]
    assert house.counts.catch_ups == {Cause.CONFIRMED: 20}


@pytest.mark.gen_test
async def test_everything_is_compared_when_the_control_channel_is_confirmed_anew(
    sweeping: Callable[..., object], broker: HandBroker
) -> None:
    house, journal = await sweeping(60.0)
    client = await house.follow(await house.session(journal.user_id))
    await journal.write()
    broker.confirm("control")
    await client.socket.until_ids(1)


@pytest.mark.gen_test
async def test_it_goes_on_by_itself_when_the_database_was_away(
    sweeping: Callable[..., object], database_url: str
) -> None:
    house, journal = await sweeping(0.05)
    client = await house.follow(await house.session(journal.user_id))
    narrow = Database(database_url, DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05))
    log = house.sweep._log = WatchedLog(narrow)
    async with narrow.lookup():  # its only connection: nobody else gets through
        await until(lambda: house.counts.sweep_failures >= 2)
        await journal.write()
        assert client.ids == []
    await client.socket.until_ids(1)
    assert client.socket.is_open
    await house.sweep.close()
    await log.close()
    await narrow.close()


@pytest.mark.gen_test
async def test_a_comparison_that_the_database_cut_short_is_made_soon_and_not_after_a_whole_round(
    sweeping: Callable[..., object], monkeypatch: pytest.MonkeyPatch, broker: HandBroker, database_url: str
) -> None:
    monkeypatch.setattr(sweep_module, "FAST_SECONDS", 0.05)
    house, journal = await sweeping(60.0)
    client = await house.follow(await house.session(journal.user_id))
    narrow = Database(database_url, DatabaseLimits(lookup_pool_size=1, pool_timeout_seconds=0.05))
    log = house.sweep._log = WatchedLog(narrow)
    async with narrow.lookup():  # its only connection: nobody else gets through
        broker.confirm("control")
        await until(lambda: house.counts.sweep_failures >= 2)
        await journal.write()
    await client.socket.until_ids(1)
    await until(lambda: not house.sweep._is_behind)
    reads = len(log.heads_reads)
    await asyncio.sleep(0.2)  # four fast rounds
    assert len(log.heads_reads) == reads
    await house.sweep.close()
    await log.close()
    await narrow.close()


@pytest.mark.gen_test
async def test_the_connections_of_a_user_who_is_gone_are_closed(sweeping: Callable[..., object]) -> None:
    house, journal = await sweeping(0.02)
    client = await house.follow(await house.session(journal.user_id))
    await journal.delete_user()
    assert await client.socket.until_closed() == 4001


@pytest.mark.gen_test
async def test_a_released_feed_is_left_alone(
    sweeping: Callable[..., object], build_house: Callable[..., House]
) -> None:
    house = build_house(sweep_seconds=60.0, linger_seconds=0.01)
    await house.start()
    journal = await house.journal()
    client = await house.follow(await house.session(journal.user_id))
    feed = house.feed(journal.user_id)
    client.socket.hang_up()
    await until(lambda: house.hub.feed_count == 0)
    await journal.write()
    house.sweep.hurry(feed)
    other = await house.journal()
    witness = await house.follow(await house.session(other.user_id))
    await other.write()
    house.sweep.hurry(house.feed(other.user_id))
    await witness.socket.until_ids(1)
    assert [user_id for user_id, _ in house.log.page_reads if user_id == journal.user_id] == []

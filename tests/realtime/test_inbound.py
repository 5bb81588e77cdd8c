"""What comes from the broker is checked, counted where it is bad, and handed on in one go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from realtime_app.broker.base import LinkState
from realtime_app.core.channels import CONTROL
from realtime_app.core.control import EpochChanged
from realtime_app.core.events import EventType
from realtime_app.core.place import Place
from realtime_app.core.published import MAX_FOREIGN_BYTES
from realtime_app.core.scopes import Scope
from tests.realtime.hand_broker import HandBroker
from tests.realtime.house import LARGE, House, Journal, foreign, on_sqlite
from tests.realtime.peers import until

pytestmark = on_sqlite

DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]

BAD = {
    b"no JSON": "not_json",
    b"\xff\xfe": "not_json",
    b"[1]": "not_json",
    b"[" * 5000: "not_json",
    foreign("connected"): "unknown_type",
    foreign("resync"): "unknown_type",
    foreign("task:exploded"): "unknown_type",
    foreign("task:created", payload=[]): "bad_payload",
    foreign("task:created", payload={"a": DEEP}): "bad_payload",
    foreign("task:created", id=1, epoch="e", payload={"a": DEEP}, actor={"kind": "session"}): "bad_payload",
    foreign("task:created", id="7", epoch="e"): "bad_id",
    foreign("task:created", id=0, epoch="e"): "bad_id",
    foreign("task:created", id=7): "no_epoch",
    foreign("task:created", payload={"text": "x" * MAX_FOREIGN_BYTES}): "too_large",
}


@pytest.mark.gen_test
async def test_a_foreign_event_is_delivered_once_as_it_is_and_moves_no_position(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    client = await house.follow(await house.session(journal.user_id))
    place = house.place(journal.user_id)
    message = foreign("task:updated", more={"of": "another program"})
    broker.arrive((journal.channel, message))
    assert client.socket.sends[-1].endswith(message)
    assert client.socket.types == ["connected", "task:updated"]
    assert house.place(journal.user_id) == place


@pytest.mark.gen_test
async def test_who_is_still_on_its_way_hears_a_foreign_event_too_but_not_before_it_is_greeted(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    caller, agent = await house.session(journal.user_id), await house.key(journal.user_id, Scope.TIME_BLOCKS_READ)
    events = await journal.write(40, EventType.TASK_REORDERED, LARGE)
    await house.follow(caller)
    epoch = house.place(journal.user_id)[1]
    house.log.hold()
    tab, blocks = (house.enter(who, Place(0, epoch), is_slow=True) for who in (caller, agent))
    await house.log.until_held(2)  # their heads
    broker.arrive((journal.channel, foreign("task:deleted")))
    house.log.let_go()
    await until(lambda: tab.ids)
    broker.arrive((journal.channel, foreign("task:updated")), (journal.channel, foreign("timeblock:updated")))
    assert [entry for entry in tab.socket.types if entry != "task:reordered"] == [
        "connected",
        "task:updated",
        "timeblock:updated",
    ]
    for client in (tab, blocks):
        client.socket.is_slow = False
        client.socket.take(client.socket.queued_bytes)
    await house.until_following(tab, blocks)
    assert tab.ids == [event.id for event in events]
    assert blocks.socket.types == ["connected", "timeblock:updated"]


@pytest.mark.gen_test
async def test_the_family_of_a_foreign_event_decides_which_keys_hear_it(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    tasks = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    blocks = await house.follow(await house.key(journal.user_id, Scope.TIME_BLOCKS_READ))
    broker.arrive((journal.channel, foreign("timeblock:created")), (journal.channel, foreign("task:created")))
    assert tasks.socket.types == ["connected", "task:created"]
    assert blocks.socket.types == ["connected", "timeblock:created"]


@pytest.mark.gen_test
@pytest.mark.parametrize(("message", "reason"), BAD.items(), ids=range(len(BAD)))
@pytest.mark.expected_logs("a published message was dropped")
async def test_a_bad_message_is_counted_and_dropped(
    house: House, broker: HandBroker, journal: Journal, message: bytes, reason: str
) -> None:
    client = await house.follow(await house.session(journal.user_id))
    [event] = await journal.write()
    broker.arrive((journal.channel, message), (journal.channel, event.body))
    assert client.socket.types == ["connected", "task:created"]
    assert house.counts.event_drops == {reason: 1}


@pytest.mark.gen_test
@pytest.mark.allowed_logs("a published message was dropped")
async def test_each_reason_is_logged_once_and_no_message_ever(
    house: House, broker: HandBroker, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    await house.follow(await house.session(journal.user_id))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            for message in BAD:
                broker.arrive((journal.channel, message))
    assert len(caplog.records) == len(set(BAD.values()))
    assert "xxx" not in caplog.text
    assert "exploded" not in caplog.text
    assert sum(house.counts.event_drops.values()) == 3 * len(BAD)


@pytest.mark.gen_test
@pytest.mark.expected_logs("a published message was dropped: bad_payload")
async def test_what_cannot_be_written_for_keys_keeps_no_event_from_anybody(
    house: House, broker: HandBroker, journal: Journal
) -> None:
    other = await house.journal()
    agent = await house.follow(await house.key(journal.user_id, Scope.TASKS_READ))
    tab = await house.follow(await house.session(other.user_id))
    [event], [others] = await journal.write(), await other.write()
    broker.arrive(
        (journal.channel, foreign(payload={"a": DEEP}, actor={"kind": "session"})),
        (journal.channel, event.body),
        (other.channel, others.body),
    )
    assert (agent.ids, tab.ids) == ([1], [1])


@pytest.mark.gen_test
async def test_all_of_one_read_is_one_send_for_each_socket(house: House, broker: HandBroker) -> None:
    journals = [await house.journal() for _ in range(3)]
    clients = [await house.follow(await house.session(journal.user_id)) for journal in journals]
    events = [await journal.write(4) for journal in journals]
    # As they come in one read: the users' messages mixed.
    broker.arrive(*((journals[user].channel, events[user][number].body) for number in range(4) for user in range(3)))
    for client in clients:
        assert client.ids == [1, 2, 3, 4]
        assert len(client.socket.sends) == 2  # `connected`, and the four


@pytest.mark.gen_test
async def test_the_word_of_a_new_epoch_makes_all_feeds_look(house: House, broker: HandBroker, journal: Journal) -> None:
    client = await house.follow(await house.session(journal.user_id))
    await journal.change_epoch()
    broker.arrive((CONTROL, EpochChanged().encode()))
    await until(lambda: client.resyncs == [("epoch", 0)])


@pytest.mark.gen_test
async def test_messages_of_users_without_a_feed_are_nothing(house: House, broker: HandBroker, journal: Journal) -> None:
    other = await house.journal()
    client = await house.follow(await house.session(journal.user_id))
    broker.subscribe(other.channel)
    broker.arrive(*other.messages(await other.write()), *journal.messages(await journal.write()))
    assert client.ids == [1]
    assert house.hub.feed_count == 1


@pytest.mark.gen_test
async def test_the_control_channel_is_subscribed_from_the_start(build_house: Callable[..., House]) -> None:
    broker = HandBroker(LinkState.DOWN)
    house = build_house(broker=broker)
    await house.start()
    assert list(broker.tickets) == [CONTROL]
    assert broker.is_open

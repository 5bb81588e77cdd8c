import pytest

from realtime_app.broker.subscription_table import SubscriptionTable


@pytest.fixture
def table() -> SubscriptionTable:
    return SubscriptionTable("p:")


def test_wanted_channel_is_sent_once_and_confirmed_with_its_ticket(table: SubscriptionTable) -> None:
    ticket = table.want("a")

    assert table.take_changes() == ([b"p:a"], [])
    assert table.take_changes() == ([], [])
    assert not table.is_confirmed("a")
    assert table.confirm(b"p:a") == ("a", ticket)
    assert table.is_confirmed("a")


def test_names_hold_just_the_wanted_channels(table: SubscriptionTable) -> None:
    table.want("a")
    table.want("b")
    table.drop("a")

    assert table.names == {b"p:b": "b"}


def test_nothing_is_sent_when_wanted_and_dropped_within_one_turn(table: SubscriptionTable) -> None:
    table.want("a")
    table.drop("a")

    assert table.take_changes() == ([], [])


def test_only_a_subscribe_is_sent_when_dropped_and_wanted_within_one_turn(table: SubscriptionTable) -> None:
    table.want("a")
    table.take_changes()
    table.confirm(b"p:a")

    table.drop("a")
    ticket = table.want("a")

    assert table.take_changes() == ([b"p:a"], [])
    assert table.confirm(b"p:a") == ("a", ticket)


def test_older_subscribes_answer_confirms_nothing_when_a_newer_one_is_out(table: SubscriptionTable) -> None:
    table.want("a")
    table.take_changes()
    table.drop("a")
    assert table.take_changes() == ([], [b"p:a"])
    ticket = table.want("a")
    assert table.take_changes() == ([b"p:a"], [])

    assert table.confirm(b"p:a") is None
    assert not table.is_confirmed("a")
    assert table.confirm(b"p:a") == ("a", ticket)


def test_older_subscribes_answer_confirms_nothing_when_the_newer_one_is_not_sent_yet(table: SubscriptionTable) -> None:
    table.want("a")
    table.take_changes()
    table.drop("a")
    ticket = table.want("a")

    assert table.confirm(b"p:a") is None

    assert table.take_changes() == ([b"p:a"], [])
    assert table.confirm(b"p:a") == ("a", ticket)


def test_answer_confirms_nothing_when_the_channel_was_dropped(table: SubscriptionTable) -> None:
    table.want("a")
    table.take_changes()
    table.drop("a")

    assert table.confirm(b"p:a") is None
    assert table.take_changes() == ([], [b"p:a"])


def test_dropped_channel_is_forgotten_in_whatever_order_its_answer_comes(table: SubscriptionTable) -> None:
    table.want("a")
    table.take_changes()
    table.drop("a")
    table.take_changes()
    table.want("a")
    table.drop("a")

    assert table.confirm(b"p:a") is None

    assert table.take_changes() == ([], [])
    assert table.confirm(b"p:a") is None
    assert table.start_over() == []


def test_nothing_is_left_of_channels_that_came_and_went_while_there_was_no_connection(
    table: SubscriptionTable,
) -> None:
    for name in ("sent", "confirmed"):
        table.want(name)
    table.take_changes()
    table.confirm(b"p:confirmed")
    table.start_over()

    for name in ("sent", "confirmed", "new"):
        table.want(name)
        table.drop(name)

    assert (table._channels, table._changed) == ({}, {})


def test_answer_that_nobody_awaits_confirms_nothing(table: SubscriptionTable) -> None:
    table.want("a")

    assert table.confirm(b"p:a") is None
    assert table.confirm(b"p:unknown") is None


def test_every_wanted_channel_is_sent_anew_with_its_old_ticket_after_starting_over(table: SubscriptionTable) -> None:
    tickets = {name: table.want(name) for name in ("a", "b", "c")}
    table.take_changes()
    table.confirm(b"p:a")
    table.drop("c")

    assert table.start_over() == [b"p:a", b"p:b"]

    assert not table.is_confirmed("a")
    assert table.take_unsent([b"p:a", b"p:b"]) == [b"p:a", b"p:b"]
    assert table.confirm(b"p:a") == ("a", tickets["a"])
    assert table.confirm(b"p:b") == ("b", tickets["b"])
    assert table.take_changes() == ([], [])


def test_batch_skips_what_was_dropped_or_sent_in_the_meantime(table: SubscriptionTable) -> None:
    for name in ("a", "b", "c"):
        table.want(name)
    batch = table.start_over()

    table.drop("a")
    table.drop("b")
    table.want("b")
    assert table.take_changes() == ([b"p:b"], [])

    assert table.take_unsent(batch) == [b"p:c"]


def test_channel_is_sent_anew_under_its_ticket_when_redis_has_unsubscribed_it_by_itself(
    table: SubscriptionTable,
) -> None:
    ticket = table.want("a")
    table.take_changes()
    table.confirm(b"p:a")

    assert table.lose_confirmed(b"p:a")

    assert not table.is_confirmed("a")
    assert table.take_changes() == ([b"p:a"], [])
    assert table.confirm(b"p:a") == ("a", ticket)


def test_answer_to_an_unsubscribe_is_no_loss(table: SubscriptionTable) -> None:
    table.want("a")
    table.take_changes()
    table.confirm(b"p:a")
    table.drop("a")
    assert table.take_changes() == ([], [b"p:a"])
    table.want("a")
    assert table.take_changes() == ([b"p:a"], [])

    assert not table.lose_confirmed(b"p:a")

    assert table.take_changes() == ([], [])


def test_refused_channels_are_sent_anew_and_forgotten_when_no_longer_wanted(table: SubscriptionTable) -> None:
    for name in ("a", "b", "c"):
        table.want(name)
    table.take_changes()
    table.drop("b")
    table.take_changes()

    table.lose_awaited(lambda wire: wire != b"p:c")

    assert table.take_changes() == ([b"p:a"], [])
    assert table.confirm(b"p:c") is not None
    assert table.start_over() == [b"p:a", b"p:c"]

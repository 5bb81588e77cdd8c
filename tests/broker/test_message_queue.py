from realtime_app.broker.base import MAX_MESSAGE_BYTES
from realtime_app.broker.message_queue import MessageQueue


def filled(queue: MessageQueue, *messages: bytes) -> MessageQueue:
    for message in messages:
        queue.put("a", message)
    return queue


def test_messages_come_out_in_order_with_their_channels() -> None:
    queue = MessageQueue()
    queue.put("a", b"1")
    queue.put("b", b"2")

    assert queue.take_all() == [("a", b"1"), ("b", b"2")]
    assert len(queue) == 0


def test_oldest_give_way_when_there_are_too_many() -> None:
    queue = filled(MessageQueue(max_messages=2), b"1", b"2")

    assert queue.put("a", b"3") == 1

    assert queue.take_all() == [("a", b"2"), ("a", b"3")]


def test_as_many_of_the_oldest_give_way_as_bytes_are_needed() -> None:
    queue = filled(MessageQueue(max_bytes=10), b"1234", b"5678", b"90")

    assert queue.put("a", b"abcdef") == 2

    assert queue.take_all() == [("a", b"90"), ("a", b"abcdef")]


def test_bytes_are_free_again_when_messages_were_taken() -> None:
    queue = filled(MessageQueue(max_bytes=10), b"1234567890")
    queue.take_all()

    assert queue.put("a", b"abcdefghij") == 0


def test_message_is_dropped_itself_when_it_is_too_large() -> None:
    queue = filled(MessageQueue(), b"1")

    assert queue.put("a", bytes(MAX_MESSAGE_BYTES + 1)) == 1

    assert queue.take_all() == [("a", b"1")]


def test_no_more_than_asked_for_is_taken() -> None:
    queue = filled(MessageQueue(), b"1", b"2", b"3")

    assert queue.take(max_messages=2, max_bytes=100) == [("a", b"1"), ("a", b"2")]
    assert len(queue) == 1


def test_taking_stops_before_the_message_that_does_not_fit_but_takes_at_least_one() -> None:
    queue = filled(MessageQueue(), b"12345", b"678", b"90")

    assert queue.take(max_messages=9, max_bytes=4) == [("a", b"12345")]
    assert queue.take(max_messages=9, max_bytes=4) == [("a", b"678")]

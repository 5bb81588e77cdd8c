from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_app.core.frames import close_frame, frame_end, text_frame
from realtime_app.realtime.output_queue import OutputQueue

CLOSE = close_frame(4008, "too slow")

batches = st.lists(
    st.lists(st.integers(0, 300), min_size=1, max_size=4).map(
        lambda lengths: b"".join(text_frame(b"x" * length) for length in lengths)
    ),
    min_size=1,
    max_size=100,
)


def taken(queue: OutputQueue, most_bytes: int) -> bytes:
    """What a kernel gets that takes so much at once."""
    sent = b"".join(queue.next_pieces())[:most_bytes]
    queue.mark_sent(len(sent))
    return sent


@given(batches, st.data())
def test_everything_is_sent_once_and_in_order_whatever_the_kernel_takes_at_a_time(batches, data):
    queue, sent = OutputQueue(), b""
    for batch in batches:
        queue.append(batch)
        if data.draw(st.booleans()):
            sent += taken(queue, data.draw(st.integers(0, 500)))
        assert (
            queue.size_bytes == sum(map(len, batches[: batches.index(batch) + 1])) - len(sent)
            or batches.count(batch) > 1
        )
    while queue.size_bytes:
        sent += taken(queue, 1000)
    assert sent == b"".join(batches)


@given(batches, st.data())
def test_the_last_frame_follows_the_frame_that_was_on_its_way_and_all_else_is_dropped(batches, data):
    queue, everything = OutputQueue(), b"".join(batches)
    for batch in batches:
        queue.append(batch)
    sent = taken(queue, data.draw(st.integers(0, len(everything))))
    queue.replace(CLOSE)
    while queue.size_bytes:
        sent += taken(queue, 10)
    end = len(sent) - len(CLOSE)
    assert sent == everything[:end] + CLOSE
    assert frame_end(everything, end) == end


def test_a_first_piece_that_is_partly_sent_counts_only_its_rest():
    queue = OutputQueue()
    queue.append(b"0123456789", sent_bytes=4)
    assert queue.size_bytes == 6
    assert b"".join(queue.next_pieces()) == b"456789"


@pytest.mark.gen_test
async def test_all_who_wait_hear_of_progress_when_one_of_them_gave_up():
    queue = OutputQueue()
    queue.append(b"0123456789")
    waits = [asyncio.create_task(queue.progress()) for _ in range(3)]
    await asyncio.sleep(0)
    waits[0].cancel()
    queue.mark_sent(1)
    await asyncio.wait_for(asyncio.gather(*waits[1:]), 1)

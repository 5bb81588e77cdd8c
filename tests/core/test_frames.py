import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close as PeerClose
from websockets.frames import Frame as PeerFrame
from websockets.streams import StreamReader

from realtime_app.core.frames import close_frame, frame_end, ping_frame, pong_frame, text_frame


def read_as_a_client(frame: bytes) -> PeerFrame:
    """Parse one whole frame with another library's parser."""
    stream = StreamReader()
    stream.feed_data(frame)
    stream.feed_eof()
    parser = PeerFrame.parse(stream.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parser)
    assert stream.at_eof()
    return parsed.value.value


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_a_client_reads_the_text_that_was_framed(length):
    frame = read_as_a_client(text_frame(b"x" * length))
    assert (frame.opcode, frame.fin, frame.data) == (0x1, True, b"x" * length)


def test_a_ping_is_two_bytes_and_a_pong_carries_the_pings_data():
    assert ping_frame() == b"\x89\x00"
    assert read_as_a_client(pong_frame(b"abc")).data == b"abc"


def test_a_close_frame_carries_code_and_reason():
    assert PeerClose.parse(read_as_a_client(close_frame(4001, "token expired")).data) == PeerClose(
        4001, "token expired"
    )


def test_a_close_frame_is_empty_when_there_is_no_code():
    assert close_frame(None) == b"\x88\x00"


@given(st.text(min_size=100))
def test_a_long_reason_is_cut_between_characters(reason):
    frame = read_as_a_client(close_frame(1000, reason))
    assert len(frame.data) <= 125
    assert reason.startswith(PeerClose.parse(frame.data).reason)


@given(st.lists(st.integers(0, 300) | st.integers(65530, 65540), min_size=1, max_size=5), st.data())
def test_the_end_of_a_cut_frame_is_found_wherever_it_was_cut(lengths, data):
    frames = [text_frame(b"x" * length) for length in lengths]
    joined = b"".join(frames)
    sent = data.draw(st.integers(0, len(joined)))
    ends = [0]
    for frame in frames:
        ends.append(ends[-1] + len(frame))
    assert frame_end(joined, sent) == min(end for end in ends if end >= sent)

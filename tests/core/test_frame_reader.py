from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig
from websockets.frames import Close as PeerClose
from websockets.frames import Frame
from websockets.frames import Opcode as PeerOpcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from realtime_app.core.close_codes import CloseCode
from realtime_app.core.frame_reader import (
    MESSAGE_LIMIT_BYTES,
    MESSAGE_LIMIT_FRAGMENTS,
    FrameReader,
    ProtocolError,
    unmask,
)
from realtime_app.core.frames import Binary, Close, Message, Ping, Pong, Text
from tests.core.client_frames import binary, client_frame, close, last, more, ping, pong, text

Outcome = tuple[list[Message], int | None]


def read(*pieces: bytes) -> Outcome:
    """What one connection's bytes mean, and the close code of the error that ended it. A reader lives while needed."""
    messages: list[Message] = []
    reader = FrameReader()
    for piece in pieces:
        try:
            for message in reader.read(piece):
                messages.append(message)
        except ProtocolError as error:
            return messages, int(error.close_code)
        if reader.is_idle:
            reader = FrameReader()
    return messages, None


def octets(frames: bytes) -> Iterator[bytes]:
    return (frames[i : i + 1] for i in range(len(frames)))


def test_a_reader_is_idle_when_every_frame_and_message_is_complete():
    reader = FrameReader()
    assert list(reader.read(text("a") + pong())) == [Text("a"), Pong(b"")]
    assert reader.is_idle


@pytest.mark.parametrize("frames", [text("abc")[:1], text("abc")[:-1], text("a", final=False), ping(b"abc")[:-1]])
def test_a_reader_is_not_idle_when_something_is_incomplete(frames):
    reader = FrameReader()
    assert list(reader.read(frames)) == []
    assert not reader.is_idle


def test_bytes_after_a_close_are_dropped():
    assert read(close(1000, "bye") + text("late"), text("later")) == ([Close(1000, "bye")], None)


def test_a_message_of_exactly_the_limit_is_read():
    longest = "x" * MESSAGE_LIMIT_BYTES
    assert read(text(longest)) == ([Text(longest)], None)


@pytest.mark.parametrize("make", [text, binary])
def test_a_longer_message_is_refused_by_its_header_alone(make):
    header = make(b"x" * (MESSAGE_LIMIT_BYTES + 1))[:8]
    assert read(header) == ([], CloseCode.MESSAGE_TOO_BIG)


def test_fragments_that_exceed_the_limit_together_are_refused():
    half = b"x" * (MESSAGE_LIMIT_BYTES // 2)
    assert read(text(half, final=False), more(half), last(b"x")) == ([], CloseCode.MESSAGE_TOO_BIG)


def test_a_message_of_endless_empty_fragments_is_refused():
    assert read(text("", final=False), more("") * MESSAGE_LIMIT_FRAGMENTS) == ([], CloseCode.MESSAGE_TOO_BIG)


@pytest.mark.parametrize("opcode", [0x1, 0x8, 0x9])
def test_an_unmasked_frame_is_refused(opcode):
    assert read(client_frame(opcode, mask=None)) == ([], CloseCode.PROTOCOL_ERROR)


@pytest.mark.parametrize(("length", "length_bytes"), [(0, 2), (125, 2), (125, 8), (126, 8), (16000, 8)])
def test_a_length_in_more_bytes_than_needed_is_refused(length, length_bytes):
    assert read(client_frame(0x1, b"x" * length, length_bytes=length_bytes)) == ([], CloseCode.PROTOCOL_ERROR)


def test_a_length_with_the_top_bit_is_refused():
    assert read(b"\x81\xff" + b"\xff" * 8) == ([], CloseCode.PROTOCOL_ERROR)


def test_the_text_of_a_half_received_frame_is_judged_at_once():
    assert read(text(b"ok \xff" + b"x" * 1000)[:20]) == ([], CloseCode.INVALID_TEXT)


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_unmasking_is_a_byte_for_byte_exclusive_or(data, mask):
    assert unmask(data, mask) == bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))


def read_with_the_peer(stream: bytes) -> Outcome:
    """The same bytes through the parser of `websockets`, which leaves joining and decoding to its caller."""
    protocol = ServerProtocol(state=OPEN, max_size=MESSAGE_LIMIT_BYTES)
    protocol.receive_data(stream)
    failure = protocol.parser_exc
    messages: list[Message] = []
    try:
        for message in joined(protocol.events_received()):
            messages.append(message)
    except UnicodeDecodeError as error:
        failure = error
    if protocol.close_rcvd is not None and "incomplete fragmented message" in str(failure):
        # Its own strictness: RFC 6455 lets a close stand between two fragments.
        return [*messages, Close(None, "") if protocol.close_rcvd.code == 1005 else as_close(protocol.close_rcvd)], None
    return messages, failure and CLOSE_CODES.get(type(failure), CloseCode.PROTOCOL_ERROR)


def joined(frames: list[Frame]) -> Iterator[Message]:
    content, opcode = b"", PeerOpcode.TEXT
    for frame in frames:
        if frame.opcode in CONTROLS:
            yield CONTROLS[frame.opcode](bytes(frame.data))
            continue
        if frame.opcode is not PeerOpcode.CONT:
            content, opcode = b"", frame.opcode
        content += frame.data
        if opcode is PeerOpcode.TEXT:
            getincrementaldecoder("utf-8")().decode(content, final=frame.fin)
        if frame.fin:
            yield Binary() if opcode is PeerOpcode.BINARY else Text(content.decode())


def as_close(close: PeerClose) -> Close:
    return Close(close.code, close.reason)


CONTROLS = {
    PeerOpcode.PING: Ping,
    PeerOpcode.PONG: Pong,
    PeerOpcode.CLOSE: lambda data: as_close(PeerClose.parse(data)) if data else Close(None, ""),
}
CLOSE_CODES = {PayloadTooBig: CloseCode.MESSAGE_TOO_BIG, UnicodeDecodeError: CloseCode.INVALID_TEXT}


payloads = st.one_of(
    st.text(max_size=40).map(str.encode),
    st.binary(max_size=40),
    st.integers(120, 130).map(lambda length: b"x" * length),
    st.sampled_from([b"x" * 7000, b"x" * 10_000, b"\xc3", b"\xa4", b"\xed\xa0\x80"]),
)
close_payloads = st.builds(
    lambda code, reason: code.to_bytes(2) + reason,
    st.integers(990, 1020) | st.integers(2990, 5010) | st.integers(0, 65535),
    st.text(max_size=10).map(str.encode) | st.binary(max_size=10),
)
frames = st.one_of(
    st.builds(text, payloads),
    st.builds(text, payloads, final=st.just(False)),
    st.builds(more, payloads, final=st.booleans()),
    st.builds(more, payloads, final=st.booleans()),
    st.builds(ping, st.binary(max_size=125)),
    st.builds(pong, st.binary(max_size=125)),
    st.builds(lambda payload: client_frame(0x8, payload), close_payloads | st.binary(max_size=1)),
    st.builds(client_frame, st.integers(0, 15), payloads, final=st.booleans(), reserved=st.sampled_from([0, 0, 0, 4])),
    st.builds(client_frame, st.integers(0, 15), payloads, mask=st.none() | st.binary(min_size=4, max_size=4)),
)


@settings(max_examples=400)
@given(st.lists(frames, max_size=8).map(b"".join), st.data())
@example(text(b"\xce", final=False) + ping(b"1") + last(b"\xba"), None)
def test_any_stream_in_any_pieces_means_the_same_as_to_another_library(stream, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8))) if data else list(range(len(stream)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    messages, code = read(*pieces)
    expected_messages, expected_code = read_with_the_peer(stream)
    assert messages == expected_messages
    # A frame with two faults may be blamed for either; the table of Autobahn's cases checks the codes.
    assert (code is None) == (expected_code is None)


@given(st.binary(max_size=200))
def test_random_bytes_end_in_messages_or_a_protocol_error_when_they_come_octet_by_octet(stream):
    messages, code = read(*octets(stream))
    assert (messages, code) == read(stream)

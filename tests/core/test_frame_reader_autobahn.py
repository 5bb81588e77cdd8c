"""What the cases of the Autobahn test suite (1-7 and 10) that apply to a server without echo ask of the reader."""

from __future__ import annotations

import pytest

from realtime_app.core.frames import Binary, Close, Message, Ping, Pong, Text
from tests.core.client_frames import binary, client_frame, close, last, more, ping, pong, text
from tests.core.test_frame_reader import octets, read

GREEK = "\u03ba\u1f79\u03c3\u03bc\u03b5"
BROKEN = GREEK.encode() + b"\xed\xa0\x80" + b"edited"

LENGTHS = (0, 125, 126, 127, 128, 16_000)

MESSAGES: dict[str, tuple[bytes, list[Message]]] = {
    **{f"1.1 text of {n} bytes": (text("*" * n), [Text("*" * n)]) for n in LENGTHS},
    **{f"1.2 binary of {n} bytes": (binary(b"\xfe" * n), [Binary()]) for n in LENGTHS},
    "2.1 ping without data": (ping(), [Ping(b"")]),
    "2.2 ping with text": (ping(b"Hello, world!"), [Ping(b"Hello, world!")]),
    "2.3 ping with binary data": (
        ping(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),
        [Ping(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff")],
    ),
    "2.4 ping of 125 bytes": (ping(b"\xfe" * 125), [Ping(b"\xfe" * 125)]),
    "2.7 unsolicited pong": (pong(), [Pong(b"")]),
    "2.8 unsolicited pong with data": (pong(b"unasked"), [Pong(b"unasked")]),
    "2.9 unsolicited pong, then ping": (pong(b"unasked") + ping(b"asked"), [Pong(b"unasked"), Ping(b"asked")]),
    "2.10 ten pings": (b"".join(ping(b"%d" % n) for n in range(10)), [Ping(b"%d" % n) for n in range(10)]),
    "5.3 text in two fragments": (text("frag1", final=False) + last("frag2"), [Text("frag1frag2")]),
    "5.6 ping between fragments": (
        text("frag1", final=False) + ping(b"between") + last("frag2"),
        [Ping(b"between"), Text("frag1frag2")],
    ),
    "5.19 pings between five fragments": (
        text("1", final=False) + more("2") + ping(b"a") + more("3") + more("4") + ping(b"b") + last("5"),
        [Ping(b"a"), Ping(b"b"), Text("12345")],
    ),
    "6.1.1 empty text": (text(""), [Text("")]),
    "6.1.2 three empty fragments": (text("", final=False) + more("") + last(""), [Text("")]),
    "6.1.3 only the middle fragment is not empty": (
        text("", final=False) + more("middle") + last(""),
        [Text("middle")],
    ),
    "6.2.1 UTF-8 in one frame": (text(GREEK), [Text(GREEK)]),
    "6.2.2 UTF-8 cut between characters": (text("\u03ba", final=False) + last(GREEK[1:]), [Text(GREEK)]),
    "6.2.3 UTF-8 in fragments of one octet": (
        text(b"", final=False) + b"".join(more(octet) for octet in octets(GREEK.encode())) + last(b""),
        [Text(GREEK)],
    ),
    "6.5-6.7 first and last characters of each length": (
        text("\x00\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff"),
        [Text("\x00\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff")],
    ),
    "6.9 around the surrogates": (text("\ud7ff\ue000\ufffd"), [Text("\ud7ff\ue000\ufffd")]),
    "6.22 non-characters": (text("\ufffe\uffff\U0001fffe\U0010ffff"), [Text("\ufffe\uffff\U0001fffe\U0010ffff")]),
    "7.1.1 message, then close": (text("Hello") + close(1000), [Text("Hello"), Close(1000, "")]),
    "7.1.2 two closes": (close(1000) + close(1000), [Close(1000, "")]),
    "7.1.3 ping after close": (close(1000) + ping(), [Close(1000, "")]),
    "7.1.4 text after close": (close(1000) + text("late"), [Close(1000, "")]),
    "7.1.5 close between fragments": (text("frag1", final=False) + close(1000) + last("2"), [Close(1000, "")]),
    "7.3.1 close without a code": (close(), [Close(None, "")]),
    "7.3.3 close with a code": (close(1000), [Close(1000, "")]),
    "7.3.4 close with a reason": (close(1000, "Hello World!"), [Close(1000, "Hello World!")]),
    "7.3.5 close with the longest reason": (close(1000, "*" * 123), [Close(1000, "*" * 123)]),
    **{
        f"7.7 close code {code}": (close(code), [Close(code, "")])
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
    },
    "10.1.1 text in fragments of 1300 bytes": (
        text("*" * 1300, final=False) + more("*" * 1300) * 10 + last("*" * 700),
        [Text("*" * 15_000)],
    ),
}

FAILURES: dict[str, tuple[bytes, list[Message], int]] = {
    "2.5 ping of 126 bytes": (ping(b"\xfe" * 126), [], 1002),
    "3.1 RSV 1": (client_frame(0x1, b"Hello", reserved=1), [], 1002),
    "3.2 RSV 2 after a good text": (text("Hello") + client_frame(0x1, b"Hello", reserved=2), [Text("Hello")], 1002),
    "3.5 RSV 5 in binary": (client_frame(0x2, b"\x00\xff", reserved=5), [], 1002),
    "3.6 RSV 6 in a ping": (client_frame(0x9, b"Hello", reserved=6), [], 1002),
    "3.7 RSV 7 in a close": (client_frame(0x8, b"", reserved=7), [], 1002),
    **{f"4.1 reserved opcode {op}": (client_frame(op, b"reserved"), [], 1002) for op in range(3, 8)},
    **{f"4.2 reserved opcode {op}": (client_frame(op, b"reserved"), [], 1002) for op in range(11, 16)},
    "4.1.3 reserved opcode after a good text": (text("Hello") + client_frame(5) + ping(), [Text("Hello")], 1002),
    "5.1 fragmented ping": (client_frame(0x9, b"frag1", final=False) + last("frag2"), [], 1002),
    "5.2 fragmented pong": (client_frame(0xA, b"frag1", final=False) + last("frag2"), [], 1002),
    "5.9 continuation without a beginning": (last("nothing") + text("Hello"), [], 1002),
    "5.12 unfinished continuation without a beginning": (more("nothing") + text("Hello"), [], 1002),
    "5.15 continuation after the end": (
        text("frag1", final=False) + last("frag2") + more("frag3") + text("frag4"),
        [Text("frag1frag2")],
        1002,
    ),
    "5.18 two texts, the first unfinished": (text("frag1", final=False) + text("frag2"), [], 1002),
    "6.3.1 a surrogate in one frame": (text(BROKEN), [], 1007),
    "6.3.2 a surrogate in fragments of one octet": (
        text(b"", final=False) + b"".join(more(octet) for octet in octets(BROKEN)) + last(b""),
        [],
        1007,
    ),
    "6.4.1 fails on the second fragment of three": (text(GREEK, final=False) + more(b"\xf4\x90\x80\x80"), [], 1007),
    "6.4.2 fails on the octet that decides": (text(GREEK.encode() + b"\xf4", final=False) + more(b"\x90"), [], 1007),
    "6.4.3 fails within a frame": (text(GREEK.encode() + b"\xf4\x90\x80\x80edited")[: 6 + 11 + 4], [], 1007),
    "6.6 an unfinished character": (text(GREEK.encode()[:-1]), [], 1007),
    "6.8 a five octet form": (text(b"\xf8\x88\x80\x80\x80"), [], 1007),
    "6.10 beyond U+10FFFF": (text(b"\xf4\x90\x80\x80"), [], 1007),
    "6.12 a lonely continuation octet": (text(b"\x80"), [], 1007),
    "6.14 a lonely first octet": (text(b"\xc0 \xc1 "), [], 1007),
    "6.16 an impossible octet": (text(b"\xfe"), [], 1007),
    "6.18 an overlong slash": (text(b"\xc0\xaf"), [], 1007),
    "6.19 an overlong NUL": (text(b"\xe0\x80\x80"), [], 1007),
    "6.20 a lonely surrogate": (text(b"\xed\xbf\xbf"), [], 1007),
    "6.21 a pair of surrogates": (text(b"\xed\xa0\x80\xed\xb0\x80"), [], 1007),
    "7.3.2 close of one byte": (client_frame(0x8, b"a"), [], 1002),
    "7.3.6 close of 126 bytes": (close(1000, "*" * 124), [], 1002),
    "7.5.1 a close reason that is not UTF-8": (close(1000, BROKEN), [], 1007),
    **{
        f"7.9 close code {code}": (close(code), [], 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize(("stream", "messages"), MESSAGES.values(), ids=MESSAGES)
def test_good_frames_are_read_when_they_come_at_once_or_octet_by_octet(stream, messages):
    assert read(stream) == (messages, None)
    assert read(*octets(stream)) == (messages, None)


@pytest.mark.parametrize(("stream", "messages", "code"), FAILURES.values(), ids=FAILURES)
def test_bad_frames_are_refused_when_they_come_at_once_or_octet_by_octet(stream, messages, code):
    assert read(stream) == (messages, code)
    assert read(*octets(stream)) == (messages, code)

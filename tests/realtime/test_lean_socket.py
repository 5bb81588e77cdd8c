from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator

import pytest
from tornado.ioloop import IOLoop

from realtime_app.core.frames import text_frame
from realtime_app.realtime.lean_socket import LeanSocket
from realtime_app.realtime.socket_poller import SocketPoller
from tests.core import client_frames
from tests.realtime.peers import FrameClient, RecordingOwner, tcp_pair, unix_pair, until

LIMIT_BYTES = 256 * 1024

Connected = tuple[LeanSocket, RecordingOwner, FrameClient]
Connect = Callable[..., Awaitable[Connected]]


@pytest.fixture
def poller(io_loop: IOLoop) -> Iterator[SocketPoller]:
    poller = SocketPoller(output_limit_bytes=LIMIT_BYTES)
    io_loop.run_sync(poller.start)
    yield poller
    io_loop.run_sync(poller.close)


@pytest.fixture(params=[tcp_pair, unix_pair])
def connect(request: pytest.FixtureRequest, poller: SocketPoller) -> Iterator[Connect]:
    clients: list[FrameClient] = []

    async def connect(*, started: bool = True, unread: bytes = b"") -> Connected:
        server_end, client_end = request.param()
        server_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        client_end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        client = await FrameClient.on(client_end)
        clients.append(client)
        lean, owner = poller.adopt(server_end, unread), RecordingOwner()
        lean.attach(owner)
        if started:
            lean.start_reading()
        return lean, owner, client

    yield connect
    for client in clients:
        client.writer.transport.abort()


def fill(lean: LeanSocket, queued_bytes: int = 1) -> int:
    """Send numbered texts until the kernel refuses and so much is queued; how many."""
    count = 0
    while lean.queued_bytes < queued_bytes:
        lean.send(text_frame(b"%d " % count + b"x" * 1000))
        count += 1
    return count


@pytest.mark.gen_test
async def test_the_owner_hears_what_the_client_says_in_order(connect):
    _, owner, client = await connect()
    client.send(
        client_frames.text("hello") + client_frames.binary(b"1") + client_frames.pong() + client_frames.text("!")
    )
    await owner.wait_for("text", "!")
    assert owner.heard == [("text", "hello"), ("binary",), ("pong",), ("text", "!")]


@pytest.mark.gen_test
async def test_a_message_in_pieces_is_heard_when_its_last_piece_came(connect):
    _, owner, client = await connect()
    for octet in client_frames.text("first", final=False) + client_frames.last(", last"):
        client.send(bytes((octet,)))
        await client.writer.drain()
        await asyncio.sleep(0)
    await owner.wait_for("text", "first, last")


@pytest.mark.gen_test
async def test_an_idle_socket_holds_neither_reader_nor_queue(connect):
    lean, owner, client = await connect()
    client.send(client_frames.text("a")[:3])
    await until(lambda: lean._reader is not None)
    client.send(client_frames.text("a")[3:])
    await owner.wait_for("text", "a")
    assert lean._reader is None
    assert lean._output is None


@pytest.mark.gen_test
async def test_a_ping_is_answered_with_its_data(connect):
    _, owner, client = await connect()
    client.send(client_frames.ping(b"are you there?"))
    assert await client.frame() == (0xA, b"are you there?")
    assert owner.heard == [("ping",)]


@pytest.mark.gen_test
async def test_bytes_read_before_the_take_over_come_first(connect):
    whole = client_frames.text("hasty") + client_frames.text("cut in two")
    _, owner, client = await connect(unread=whole[:-4])
    client.send(whole[-4:])
    await owner.wait_for("text", "cut in two")
    assert owner.texts == ["hasty", "cut in two"]


@pytest.mark.gen_test
async def test_nothing_is_read_before_the_start_but_sending_works(connect):
    lean, owner, client = await connect(started=False, unread=client_frames.text("early"))
    client.send(client_frames.text("still early"))
    count = fill(lean)
    assert [(await client.text()).split()[0] for _ in range(count)] == [str(number) for number in range(count)]
    assert owner.heard == []
    lean.start_reading()
    await owner.wait_for("text", "still early")
    assert owner.texts == ["early", "still early"]


@pytest.mark.gen_test
async def test_frames_arrive_whole_and_in_order_when_the_client_is_slow(connect):
    lean, _, client = await connect()
    count = fill(lean, LIMIT_BYTES // 2)
    lean.send(text_frame(b"last"))
    numbers = [int((await client.text()).split()[0]) for _ in range(count)]
    assert numbers == list(range(count))
    assert await client.text() == "last"
    assert lean.queued_bytes == 0


@pytest.mark.gen_test
async def test_a_client_that_passes_the_output_limit_is_closed_with_4008_behind_whole_frames(connect):
    lean, owner, client = await connect()
    while lean.is_open:
        lean.send(text_frame(b"x" * 1000) * 7)
    assert lean.queued_bytes < 2000, "the queue is released at once but for the frame that is on its way"
    assert await owner.wait_closed() == (4008, "too slow: unread output passed the limit")
    opcode, payload = await client.frame()
    while opcode == 0x1:
        assert payload == b"x" * 1000
        opcode, payload = await client.frame()
    assert (opcode, payload[:2]) == (0x8, (4008).to_bytes(2))


@pytest.mark.gen_test
async def test_one_send_that_is_larger_than_the_limit_closes_with_4008(connect):
    lean, owner, _ = await connect()
    lean.send(text_frame(b"x" * LIMIT_BYTES) * 3)
    assert not lean.is_open
    assert (await owner.wait_closed() or ())[0] == 4008


@pytest.mark.gen_test
async def test_progress_comes_when_the_client_has_read(connect):
    lean, _, client = await connect()
    count = fill(lean, 50_000)
    queued_bytes, progress = lean.queued_bytes, asyncio.create_task(lean.progress())
    for _ in range(count):
        await client.text()
    await progress
    assert lean.queued_bytes < queued_bytes
    await lean.progress()  # nothing is queued any more: there is nothing to wait for


@pytest.mark.gen_test
async def test_nobody_waits_for_the_progress_of_a_closed_socket(connect):
    lean, _, _ = await connect()
    fill(lean, 50_000)
    waits = [asyncio.create_task(lean.progress()) for _ in range(2)]
    await asyncio.sleep(0)
    waits.pop().cancel()
    lean.abort()
    await asyncio.wait_for(waits.pop(), 1)


@pytest.mark.gen_test
async def test_a_clients_close_is_echoed_and_ends_the_line(connect, poller):
    _, owner, client = await connect()
    client.send(client_frames.close(4999, "bye") + client_frames.text("late"))
    assert await client.close_code() == 4999
    assert await client.end() == b""
    assert await owner.wait_closed() == (4999, "bye")
    assert owner.texts == []
    assert len(poller) == 0


@pytest.mark.gen_test
async def test_a_close_without_a_code_is_echoed_without_one(connect):
    _, owner, client = await connect()
    client.send(client_frames.close())
    assert await client.close_code() is None
    assert await owner.wait_closed() == (None, "")


@pytest.mark.gen_test
async def test_our_close_waits_for_the_clients_and_hears_nothing_else(connect, poller):
    lean, owner, client = await connect()
    lean.close(1012, "restarting")
    assert not lean.is_open
    assert await client.close_code() == 1012
    client.send(client_frames.text("late") + client_frames.ping())
    await asyncio.sleep(0)
    assert len(poller) == 1
    client.send(client_frames.close(1012))
    assert await client.end() == b""
    assert owner.heard == [("closed", 1012, "restarting")]
    assert len(poller) == 0


@pytest.mark.gen_test
async def test_a_client_that_never_answers_our_close_is_dropped_after_a_second(connect, poller):
    loop = asyncio.get_running_loop()
    lean, _, client = await connect()
    began_at = loop.time()
    lean.close(4001, "token expired")
    assert await client.close_code() == 4001
    assert await client.end() == b""
    assert 0.9 < loop.time() - began_at < 2
    assert len(poller) == 0


@pytest.mark.gen_test
async def test_a_close_under_back_pressure_drops_the_queue_and_keeps_frames_whole(connect):
    lean, _, client = await connect()
    fill(lean, 100_000)
    lean.close(1012)
    assert lean.queued_bytes < 2000
    opcode, payload = await client.frame()
    while opcode == 0x1:
        opcode, payload = await client.frame()
    assert (opcode, payload) == (0x8, (1012).to_bytes(2))


@pytest.mark.gen_test
async def test_bytes_that_are_no_frames_close_with_1002_and_the_line_ends_without_waiting(connect, poller):
    _, owner, client = await connect()
    client.send(client_frames.text("good") + b"GET / HTTP/1.1\r\n" + b"x" * 100_000)
    assert await client.close_code() == 1002
    assert await client.end() == b""
    client.hang_up()
    assert (await owner.wait_closed() or ())[0] == 1002
    assert owner.texts == ["good"]
    await until(lambda: len(poller) == 0)


@pytest.mark.gen_test
async def test_a_closed_owner_hears_nothing_more_of_what_came_with_it(connect):
    lean, owner, client = await connect()
    owner.react = lambda text: lean.close(4029, "too many messages")
    client.send(client_frames.text("one too many") + client_frames.text("two too many") + client_frames.ping())
    assert await client.close_code() == 4029
    assert await client.end() == b""
    assert owner.heard == [("text", "one too many"), ("closed", 4029, "too many messages")]


@pytest.mark.gen_test
@pytest.mark.expected_logs("a connection failed at what its client sent.*ZeroDivisionError")
async def test_an_owner_that_fails_is_closed_with_1011(connect):
    _, owner, client = await connect()
    owner.react = lambda text: divmod(1, 0)
    client.send(client_frames.text("divide") + client_frames.text("again"))
    assert await client.close_code() == 1011
    assert (await owner.wait_closed() or ())[0] == 1011
    assert owner.texts == ["divide"]


@pytest.mark.gen_test
async def test_the_owner_is_told_once_when_the_client_hangs_up(connect, poller):
    lean, owner, client = await connect()
    client.hang_up()
    assert await owner.wait_closed() == (None, "")
    lean.close(1012)
    lean.abort()
    lean.send(text_frame(b"late"))
    await asyncio.sleep(0)
    assert owner.heard == [("closed", None, "")]
    assert len(poller) == 0


@pytest.mark.gen_test
async def test_a_half_close_ends_the_line_after_what_was_said_before(connect):
    _, owner, client = await connect()
    client.send(client_frames.text("last words"))
    client.finish_sending()
    await owner.wait_closed()
    assert owner.heard == [("text", "last words"), ("closed", None, "")]
    assert await client.end() == b""


@pytest.mark.gen_test
async def test_a_lost_line_is_noticed_by_sending_and_told_in_a_turn_of_its_own(connect):
    lean, owner, client = await connect()
    client.writer.transport.abort()
    while lean.is_open:
        lean.send(text_frame(b"x" * 1000))
        assert owner.heard == []
    await owner.wait_closed()


@pytest.mark.gen_test
async def test_a_socket_closed_before_it_had_an_owner_tells_the_owner_then(poller):
    server_end, client_end = unix_pair()
    lean, owner = poller.adopt(server_end), RecordingOwner()
    lean.close(4001, "bad token")
    lean.attach(owner)
    assert await owner.wait_closed() == (4001, "bad token")
    client_end.close()


@pytest.mark.gen_test
async def test_a_reset_is_noticed_without_sending_or_reading(poller):
    server_end, client_end = tcp_pair()
    lean, owner, client = poller.adopt(server_end), RecordingOwner(), await FrameClient.on(client_end)
    lean.attach(owner)
    client.reset()
    assert await owner.wait_closed() == (None, "")

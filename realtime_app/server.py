"""One process from its start to its graceful stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from realtime_app.application import Application
from realtime_app.config import Settings
from realtime_app.http_server import HttpServer
from realtime_app.logs import log_event

log = logging.getLogger(__name__)

# Shares of the drain, in the order in which the parts of the stop end.
LEAVE_SHARE = 0.75
"""Sockets are closed over 70 % of it, and their clients have a moment to say goodbye."""
ANSWER_SHARE = 0.85
FLUSH_SHARE = 0.95

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Bind = Callable[[], Sequence[socket.socket]]


def run(settings: Settings, bind: Bind) -> None:
    """Serves until SIGTERM or SIGINT. Raises AlreadyRunning, SchemaOutdated, AddressInUse."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings, bind))


async def serve(settings: Settings, bind: Bind) -> None:
    stop = StopSignal()
    stop.listen()
    asyncio.get_running_loop().set_exception_handler(_log_unhandled)
    application = Application(settings)
    try:
        await application.start()
        http = HttpServer(application, bind(), settings.tls_context)
        await http.start()
        _tune_garbage_collection()
        log_event(log, "serving", address=http.address, process=os.getpid())
        await stop.wait()
        _exit_after(settings.drain_seconds)
        await stop_gracefully(application, http, settings.drain_seconds)
    finally:
        await application.close()
    log_event(log, "stopped")


async def stop_gracefully(application: Application, http: HttpServer, drain_seconds: float) -> None:
    """The door closes first, so that a proxy goes to the next process; whoever is inside is served to the end."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await http.stop_listening()
    log_event(log, "stopping", requests=len(application.in_flight))
    await _until(begun + drain_seconds * LEAVE_SHARE, application.drain(drain_seconds), http.wait_until_deserted())
    await _until(begun + drain_seconds * ANSWER_SHARE, application.in_flight.wait_until_empty())
    await http.close()
    await application.close(flush_seconds=max(0.0, begun + drain_seconds * FLUSH_SHARE - loop.time()))


class StopSignal:
    """The first SIGTERM or SIGINT asks for a graceful stop, the second one ends the process on the spot."""

    def __init__(self) -> None:
        self._was_sent = asyncio.Event()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask)

    async def wait(self) -> None:
        await self._was_sent.wait()

    def _ask(self) -> None:
        self._was_sent.set()
        loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)


async def _until(deadline: float, *work: Coroutine[Any, Any, None]) -> None:
    """Does all of it at once and gives up at the deadline; when a part fails, the others still have their turn."""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            for outcome in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(outcome, Exception):
                    log.error("a part of the stop failed", exc_info=outcome)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def _exit_after(seconds: float) -> None:
    """Whatever hangs then, the process is gone in time."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _tune_garbage_collection() -> None:
    """What exists after the start stays: no need to look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _log_unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # What follows the first angle bracket is the text form of a task or callback, with whatever it was called with.
    what = str(context.get("message", "")).partition("<")[0].strip()
    log.error("unhandled error on the loop: %s", what, exc_info=context.get("exception"))

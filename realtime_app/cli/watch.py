"""`realtime-app watch`."""

from __future__ import annotations

import asyncio

import click
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from realtime_app.auth.api_keys import is_key
from realtime_app.cli.exits import ExitCode, Failure


@click.command()
@click.option("--url", default="ws://localhost:3001/ws", show_default=True, help="The server's WebSocket.")
@click.option("--count", type=click.IntRange(1), help="End after so many frames; without it, when the socket closes.")
@click.option("--since", help="Begin after this event id; needs --epoch, both from an earlier frame.")
@click.option("--epoch", help="The incarnation of the log that --since belongs to.")
@click.option("--credential", envvar="TOKEN", prompt=True, hide_input=True, help="A login's token or an API key.")
def watch(url: str, count: int | None, since: str | None, epoch: str | None, credential: str) -> None:
    """Print what a client of the WebSocket gets, a line for each frame.

    The credential is the environment's TOKEN or is asked for; don't write it on a command line, others can read that.
    """
    if (since is None) != (epoch is None):
        raise click.UsageError("--since and --epoch go together")
    if since is not None:
        url = f"{url}?since={since}&epoch={epoch}"
    try:
        asyncio.run(_print_frames(HTTPRequest(url, headers=_headers(credential)), count))
    except HTTPClientError as error:
        raise Failure(f"the server refused the socket: HTTP {error.code}", ExitCode.REFUSED) from None
    except OSError as error:
        raise Failure(f"{url} can't be reached: {type(error).__name__}", ExitCode.REFUSED) from None


def _headers(credential: str) -> dict[str, str]:
    return {"X-API-Key": credential} if is_key(credential) else {"Authorization": f"Bearer {credential}"}


async def _print_frames(request: HTTPRequest, count: int | None) -> None:
    socket = await websocket_connect(request)
    printed = 0
    while count is None or printed < count:
        frame = await socket.read_message()
        if frame is None:
            raise Failure(_farewell(socket), ExitCode.REFUSED)
        click.echo(frame)
        printed += 1
    socket.close()


def _farewell(socket: WebSocketClientConnection) -> str:
    reason = f": {socket.close_reason}" if socket.close_reason else ""
    return f"the socket was closed with {socket.close_code}{reason}"

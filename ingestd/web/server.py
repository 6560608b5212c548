"""The HTTP server inside the daemon: uvicorn on sockets of ours, without its signals, logs and lifespan.

Requests under way end in peace when it stops; long polls are woken and answer at once (P16).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator, Sequence

import uvicorn

from ingestd.errors import Temporary
from ingestd.web.app import build
from ingestd.web.protocol import PunctualProtocol
from ingestd.web.services import Services

MOST_CONNECTIONS = 1000
"""At once; more are answered 503. Below the 1,024 open files of an unconfigured system."""
KEEP_ALIVE_S = 15
START_S = 10.0
BACKLOG = 512


class _Server(uvicorn.Server):
    """A server that leaves the signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """The web room's door: ``start`` and ``stop`` are called once each, in that order, on one event loop.

    ``sockets`` are listening sockets somebody else has bound, instead of ``settings.listen``.
    """

    def __init__(self, services: Services, sockets: Sequence[socket.socket] = ()) -> None:
        self._services = services
        self._sockets = list(sockets)
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """The hosts and ports it listens on, once started."""
        return tuple(bound.getsockname()[:2] for bound in self._sockets if bound.fileno() >= 0)

    async def start(self) -> None:
        """Bind and serve in the background. Raise Temporary when the address cannot be had."""
        if not self._sockets:
            self._sockets = [_bind(*self._services.settings.address)]
        self._server = _Server(_config(self._services))
        self._task = asyncio.create_task(self._server.serve(sockets=self._sockets), name="web")
        async with asyncio.timeout(START_S):
            while not self._server.started:
                if self._task.done():
                    raise Temporary("the web server did not start", code="web") from self._task.exception()
                await asyncio.sleep(0.01)

    async def watch(self) -> None:
        """Return when the server has ended, and raise what ended it: for whoever watches it."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self, limit: float) -> None:
        """Take no new connection, wake the long polls, let requests under way end, within ``limit`` seconds."""
        if self._server is None or self._task is None:
            return
        self._services.bell.close()
        self._server.should_exit = True
        done, _ = await asyncio.wait({self._task}, timeout=limit)
        if not done:
            self._server.force_exit = True
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)


def _config(services: Services) -> uvicorn.Config:
    _silence()
    return uvicorn.Config(
        build(services),
        loop="none",
        http=PunctualProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        backlog=BACKLOG,
    )


def _silence() -> None:
    """Uvicorn's own lines are not the journal's: what an operator must know of a request, the frame writes."""
    log = logging.getLogger("uvicorn")
    log.handlers = [logging.NullHandler()]
    log.propagate = False


def _bind(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        bound = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise Temporary(f"web.listen: cannot listen on {host}:{port} ({error.strerror})", code="web") from error
    bound.setblocking(False)
    return bound

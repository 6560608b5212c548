"""HTTP/1.1 as uvicorn speaks it, to clients that also get on with it: a head that does not come is not waited for."""

from __future__ import annotations

import asyncio
import socket
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE_S = 20.0
"""From the connection, or the last answer, to the whole head of the next request. Uvicorn alone would wait for ever
for a client that sends a byte now and then."""


class PunctualProtocol(H11Protocol):
    """Closes a connection on which no request has begun in time. Requests under way have time of their own."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast(asyncio.Transport, transport))
        _send_at_once(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._wait()
        super().on_response_complete()

    def _wait(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(PATIENCE_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def _send_at_once(transport: asyncio.BaseTransport) -> None:
    """Head and body leave as two writes; without this the second waits 40 ms for the first to be acknowledged.

    asyncio sets it only on sockets that were made with their protocol named, which ``create_server`` does not.
    """
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

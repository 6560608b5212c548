"""What the web room is given by whoever puts the parts together: the desk, the store, and questions it may ask."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ingestd.desk import Desk
from ingestd.service_settings import ServiceSettings
from ingestd.store.session import Store
from ingestd.web.settings import WebSettings


@dataclass(frozen=True)
class SourceState:
    """How one source does. ``since`` is when it began to be so; ``detail_code`` a stable word, never a text (AU10)."""

    name: str
    kind: str
    ok: bool
    since: datetime | None = None
    detail_code: str | None = None


@dataclass(frozen=True)
class Health:
    """Whether this node is ready for work, and the state of each source (P17, P25)."""

    ready: bool
    sources: tuple[SourceState, ...] = ()


class Bell:
    """Wakes everybody who waits for a queue. ``ring`` and ``close`` may be called from any thread."""

    def __init__(self) -> None:
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self.closed = False

    @property
    def listeners(self) -> int:
        """How many wait now."""
        return len(self._waiters)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[asyncio.Event]:
        """Give an event that every ring sets, as long as the block lasts."""
        event = asyncio.Event()
        self._waiters[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            del self._waiters[event]

    def ring(self) -> None:
        """Wake all who wait: some queue has changed."""
        for event, loop in list(self._waiters.items()):
            with contextlib.suppress(RuntimeError):  # its loop has closed: nobody waits there any more
                loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """Wake all who wait for the last time: the server stops (P16)."""
        self.closed = True
        self.ring()


Attachment = Callable[[bytes, str], Awaitable[bytes | None]]
"""Takes a raw mail and an attachment's section number; gives its octets, or None. Runs in another process (P9)."""


@dataclass(frozen=True)
class Services:
    """Everything the pages and the API stand on. ``bell`` is rung by its giver at each change of a queue."""

    desk: Desk
    store: Store
    attachment: Attachment
    health: Callable[[], Health]
    alive: Callable[[], bool] = lambda: True
    bell: Bell = field(default_factory=Bell)
    settings: WebSettings = field(default_factory=WebSettings)
    service: ServiceSettings = field(default_factory=ServiceSettings)

    @property
    def secure(self) -> bool:
        """Whether people come by https, so that a cookie must never travel without it (AU5)."""
        return self.service.base_url.startswith("https:")

"""A stand-in for the store's ``keep``: remembers what it was given, and fails or waits on command."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from ingestd.channels.channel import Incoming, Kept


class Keeping:
    """Callable like ``keep``. ``kept`` holds each Incoming with its octets; use it from any thread.

    ``failure`` is raised instead of keeping while it is set. ``hold()`` makes calls wait until ``release()``;
    ``begun`` is set as soon as one call has come in, ``ended`` when one has ended.
    """

    def __init__(self) -> None:
        self.kept: list[tuple[Incoming, bytes]] = []
        self.failure: BaseException | None = None
        self.cancelled = 0
        self.begun = threading.Event()
        self.ended = threading.Event()
        self._open = threading.Event()
        self._open.set()

    def hold(self) -> None:
        """Let calls wait from now on."""
        self._open.clear()

    def release(self) -> None:
        """Let all waiting calls go on."""
        self._open.set()

    async def __call__(self, incoming: Incoming) -> Kept:
        """Keep, or do what was commanded."""
        self.begun.set()
        try:
            while not self._open.is_set():
                await asyncio.sleep(0.002)
            return self._keep(incoming)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.ended.set()

    def _keep(self, incoming: Incoming) -> Kept:
        if self.failure is not None:
            raise self.failure
        spooled = incoming.spooled
        self.kept.append((incoming, spooled.read_bytes() if isinstance(spooled, Path) else spooled))
        number = len(self.kept)
        return Kept(tuple(f"in-{number}-{index}" for index, _ in enumerate(incoming.envelopes, 1)))

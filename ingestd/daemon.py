"""The daemon's frame: named loops under a watcher, signals, the watchdog, and stopping in order.

It knows no room by name. What runs is handed to it: doors that are opened and closed, loops that go round until they
are told to stop. A dead loop stops the daemon loudly; a second SIGTERM ends it at once, still safely.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ingestd import journal

STOP_SECONDS = 18.0
"""All of stopping; the promise is 20 s (P16), and systemd's own limit is longer."""
DOOR_SHARE = 0.6
"""The share of it that doors may take to let transactions in flight end."""
STALE_SECONDS = 45.0
"""A loop that has not gone round for so long hangs; the watchdog then stays silent (P18)."""


class Door(Protocol):
    """What lets work in: opened before the daemon is ready, closed first when it stops."""

    async def start(self) -> None:
        """Bind and serve in the background."""

    async def stop(self, limit: float) -> None:
        """Take nothing new, let what is under way end, within ``limit`` seconds."""


@runtime_checkable
class Watched(Protocol):
    """A door that can die while it is open."""

    async def watch(self) -> None:
        """Return when it has ended, and raise what ended it."""


class Bell:
    """Wakes a loop: rung from any thread, heard once."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever listens. Never blocks, never raises, also while the event loop closes."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        """Return when rung, or after so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()


@dataclass
class Loop:
    """A named loop. ``turn`` does one round; ``finish`` ends what it has begun, within so many seconds."""

    name: str
    turn: Callable[[], Awaitable[None]]
    finish: Callable[[float], Awaitable[None]] | None = None
    bell: Bell | None = None
    to_the_end: bool = False
    """Whether it goes round until everything else has stopped."""
    beat: float = field(default_factory=time.monotonic)

    def is_alive(self) -> bool:
        """Whether it has gone round lately."""
        return time.monotonic() - self.beat < STALE_SECONDS


class Daemon:
    """Runs doors and loops until a signal or a death, then stops them in order."""

    def __init__(
        self,
        doors: Sequence[Door],
        loops: Sequence[Loop],
        *,
        reload: Callable[[], None],
        close: Callable[[], Awaitable[None]],
        probe: Callable[[], Awaitable[bool]],
    ) -> None:
        self._doors = doors
        self._loops = loops
        self._reload = reload
        self._close = close
        self._probe = probe
        self._stopping = asyncio.Event()
        self._closing = asyncio.Event()
        self._reason = "asked to stop"
        self._failed = False
        self.ready = False

    def stop(self, reason: str) -> None:
        """Begin to stop."""
        self._reason = reason
        self._stopping.set()

    def is_alive(self) -> bool:
        """Whether every loop goes round."""
        return all(loop.is_alive() for loop in self._loops)

    async def run(self, announce: Callable[[], None]) -> int:
        """Open the doors, go round until stopped, close in order. Return the exit code: 0, or 1 after a death."""
        self._listen_to_signals()
        opened: list[Door] = []
        try:
            for door in self._doors:
                await door.start()
                opened.append(door)
            tasks = {loop.name: asyncio.create_task(self._go_round(loop), name=loop.name) for loop in self._loops}
            watchers = [asyncio.create_task(self._watch(), name="watchdog")]
            watchers += [asyncio.create_task(self._watch_door(d)) for d in self._doors if isinstance(d, Watched)]
            self._announce(announce)
            await self._stopping.wait()
            for watcher in watchers:
                watcher.cancel()
            lasting = [tasks.pop(loop.name) for loop in self._loops if loop.to_the_end]
            clean = await self._stop(opened, list(tasks.values()))
            self._closing.set()
            await self._end(lasting)
        finally:
            await self._close()
        journal.stopped(clean)
        return 1 if self._failed else 0

    def _announce(self, announce: Callable[[], None]) -> None:
        self.ready = True
        announce()
        notify("READY=1")

    async def _go_round(self, loop: Loop) -> None:
        try:
            while not (self._closing if loop.to_the_end else self._stopping).is_set():
                loop.beat = time.monotonic()
                await loop.turn()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # a loop's own edge is inside its turn; whatever arrives here is a fault of ours
            self._died(f"loop {loop.name}", error)

    async def _watch_door(self, door: Watched) -> None:
        error: BaseException | None = None
        try:
            await door.watch()
        except asyncio.CancelledError:
            raise
        except Exception as died:  # whatever it was: a door that has closed by itself is a dead loop
            error = died
        if not self._stopping.is_set():
            self._died(type(door).__name__, error)

    def _died(self, name: str, error: BaseException | None) -> None:
        journal.loop_died(name, error)
        self._failed = True
        self.stop(f"{name} died")

    async def _watch(self) -> None:
        interval = float(os.environ.get("WATCHDOG_USEC", "30000000")) / 3_000_000
        while True:
            if self.is_alive() and await self._probe():
                notify("WATCHDOG=1")
            await asyncio.sleep(interval)

    async def _stop(self, opened: Sequence[Door], tasks: Sequence[asyncio.Task[None]]) -> bool:
        self.ready = False
        journal.stopping(self._reason)
        notify("STOPPING=1")
        end = time.monotonic() + STOP_SECONDS
        await asyncio.gather(*(door.stop(STOP_SECONDS * DOOR_SHARE) for door in opened), return_exceptions=True)
        for loop in self._loops:
            if loop.bell:
                loop.bell.ring()
        _, late = await asyncio.wait(tasks, timeout=max(1.0, (end - time.monotonic()) / 2)) if tasks else (None, set())
        for loop in self._loops:
            if loop.finish:
                await loop.finish(max(0.5, end - time.monotonic()))
        await self._end(late)
        return not late

    async def _end(self, tasks: Collection[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_stop_signal, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._reload)

    def _on_stop_signal(self, name: str) -> None:
        if self._stopping.is_set():
            os._exit(1)  # the second word: everything promised is committed, everything else will be tried again
        self.stop(name)


def notify(state: str) -> None:
    """Tell systemd (sd_notify(3)); nothing happens where there is no systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(state.encode())

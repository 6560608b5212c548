"""The loops of a node: process, deliver and schedule, each one turn at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ingestd import clock, journal, metrics
from ingestd.daemon import Bell
from ingestd.errors import Temporary
from ingestd.intake import Road
from ingestd.outbox.sender import Sender
from ingestd.schedule import Schedule
from ingestd.store import arrivals
from ingestd.store.arrivals import Claimed
from ingestd.store.awaiting import answer_of
from ingestd.store.session import Store, Tx

T = TypeVar("T")
POLL_SECONDS = 2.0
"""Behind every wake-up stands a poll: signals of other programs may be lost."""
SCHEDULE_SECONDS = 2.0
TROUBLE_SECONDS = 1.0
WALKING = 24
"""Arrivals on the road at a time: enough to keep two parsers and one group commit busy, few enough to give back."""


class Process:
    """Claims kept arrivals and walks them."""

    def __init__(self, store: Store, road: Road, holder: Callable[[], str], bell: Bell) -> None:
        self._store = store
        self._road = road
        self._holder = holder
        self._bell = bell
        self._walking: set[asyncio.Task[object]] = set()

    async def turn(self) -> None:
        """Claim what there is room for, or wait for a wake-up."""
        room = WALKING - len(self._walking)
        if room < WALKING // 2:
            await asyncio.wait(self._walking, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return
        holder = self._holder()
        claimed = await self._claim(holder, room)
        for one, octets in claimed:
            walk = self._road.walk(one, holder, octets)
            task: asyncio.Task[object] = asyncio.create_task(walk, name=one.intake_id)
            self._walking.add(task)
            task.add_done_callback(self._walking.discard)
        if len(claimed) < room:
            await self._bell.wait(POLL_SECONDS)

    async def _claim(self, holder: str, room: int) -> Sequence[tuple[Claimed, bytes | None]]:
        walking = [task.get_name() for task in self._walking]

        def unit(tx: Tx) -> Sequence[tuple[Claimed, bytes | None]]:
            claimed = arrivals.claim(tx, holder, room, clock.now(), walking)
            return list(zip(claimed, self._road.look_up(tx, claimed), strict=True))

        return await with_patience(answer_of(self._store.write(unit, fenced=True)), "process") or ()

    async def finish(self, seconds: float) -> None:
        """Let what is on the road arrive; what does not is pending still and walks again."""
        if self._walking:
            _, late = await asyncio.wait(self._walking, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def with_patience(work: Awaitable[T], loop: str) -> T | None:
    """Await the work; where the store is away, say so, wait a little and answer None."""
    try:
        return await work
    except Temporary as error:
        journal.loop_failed(loop, error.sentence)
        await asyncio.sleep(TROUBLE_SECONDS)
        return None


class Deliver:
    """Carries letters that are due."""

    def __init__(self, sender: Sender, holder: Callable[[], str], bell: Bell) -> None:
        self._sender = sender
        self._holder = holder
        self._bell = bell

    async def turn(self) -> None:
        """Send what is due, or wait for a wake-up."""
        if self._sender.room < 1:
            await self._sender.wait_for_room(POLL_SECONDS)
        sent = await with_patience(self._sender.send_due(self._holder()), "deliver")
        if not sent:
            await self._bell.wait(POLL_SECONDS)

    async def finish(self, seconds: float) -> None:
        """Let what is being carried end."""
        await self._sender.finish(seconds)


class Clockwork:
    """Asks at every tick what has become due, and reads the gauges."""

    def __init__(self, schedule: Schedule, bell: Bell) -> None:
        self._schedule = schedule
        self._bell = bell

    async def turn(self) -> None:
        """One tick."""
        await with_patience(asyncio.to_thread(self._schedule.tick), "schedule")
        metrics.journal_dropped.set(journal.dropped())
        await self._bell.wait(SCHEDULE_SECONDS)

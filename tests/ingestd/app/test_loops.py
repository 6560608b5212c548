"""The loops of a node: they take what there is room for, survive a store that is away, and finish what they began."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from doubles.mailroom import WAIT, Mailroom, deciding, mail
from sqlalchemy import select

from ingestd import clock
from ingestd.app import loops
from ingestd.app.loops import WALKING, Process, with_patience
from ingestd.daemon import Bell
from ingestd.errors import Temporary
from ingestd.store import parking, tables
from ingestd.store.arrivals import Claimed
from ingestd.store.session import Store, Tx

pytestmark = pytest.mark.anyio


class Walker:
    """A road that is as long as it is told; who arrives has an outcome."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.walked: list[str] = []
        self.free = asyncio.Event()

    def look_up(self, tx: Tx, claimed: Sequence[Claimed]) -> list[None]:
        """There is nothing to read."""
        return [None for _ in claimed]

    async def walk(self, claimed: Claimed, holder: str, octets: bytes | None = None) -> None:
        """Walk when the road is free."""
        await self.free.wait()
        self.walked.append(claimed.intake_id)
        unit = self._store.write(lambda tx: parking.park(tx, claimed.intake_id, "seen", "record", clock.now()))
        await asyncio.wrap_future(unit)


@pytest.fixture
def room(store: Store, monkeypatch: pytest.MonkeyPatch) -> Mailroom:
    """A node with its lease, and loops that do not dawdle."""
    monkeypatch.setattr(loops, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(loops, "TROUBLE_SECONDS", 0.01)
    room = Mailroom(store, deciding())
    room.join()
    return room


def process(room: Mailroom, walker: Walker) -> Process:
    """The loop under test."""
    return Process(room.store, walker, lambda: room.holder, Bell())  # type: ignore[arg-type] # the road's double


def owned(room: Mailroom) -> int:
    """How many arrivals this node holds."""
    query = select(tables.arrival.c.owner).where(tables.arrival.c.owner == room.holder)
    return len(room.store.read(lambda tx: tx.execute(query).all()))


async def test_no_more_is_claimed_than_can_walk(room: Mailroom) -> None:
    """A backlog stays with the store, where another node can take it."""
    for _ in range(WALKING + 5):
        room.keep(mail(), clock.now())
    walker = Walker(room.store)
    loop = process(room, walker)
    for _ in range(3):
        await loop.turn()
    assert owned(room) == WALKING
    walker.free.set()
    await loop.finish(WAIT)
    await loop.turn()
    await loop.finish(WAIT)
    assert len(walker.walked) == len(set(walker.walked)) == WALKING + 5


async def test_what_walks_is_not_claimed_again_and_what_was_forgotten_is(room: Mailroom) -> None:
    """The next round leaves alone what is on the road, and takes up what bears our name and is not (F17)."""
    room.keep(mail(), clock.now())
    assert room.claim(clock.now())  # a claim whose answer was lost
    walker = Walker(room.store)
    loop = process(room, walker)
    await loop.turn()
    await loop.turn()
    walker.free.set()
    await loop.finish(WAIT)
    assert len(walker.walked) == 1


async def test_a_store_that_is_away_does_not_end_the_loop(room: Mailroom) -> None:
    """The loop says so, waits a little and goes round again (P15)."""

    def away(_tx: object) -> None:
        raise Temporary("away", code="store")

    room.keep(mail(), clock.now())
    walker = Walker(room.store)
    walker.free.set()
    loop = process(room, walker)
    room.store.fence = away
    await loop.turn()
    assert walker.walked == []
    room.store.fence = None
    await loop.turn()
    await loop.finish(WAIT)
    assert len(walker.walked) == 1


async def test_finishing_has_an_end(room: Mailroom) -> None:
    """A walk that does not arrive in time is cut off; its arrival is pending still (P16)."""
    room.keep(mail(), clock.now())
    walker = Walker(room.store)
    loop = process(room, walker)
    await loop.turn()
    await loop.finish(0.01)
    assert walker.walked == []
    assert owned(room) == 1


async def test_patience_is_for_temporary_trouble_only() -> None:
    """A fault of ours is not hidden: it ends the loop, and the daemon says so."""

    async def work(error: Exception | None = None) -> str:
        if error:
            raise error
        return "done"

    loops.TROUBLE_SECONDS, before = 0.0, loops.TROUBLE_SECONDS
    try:
        assert await with_patience(work(), "x") == "done"
        assert await with_patience(work(Temporary("away")), "x") is None
        with pytest.raises(ZeroDivisionError):
            await with_patience(work(ZeroDivisionError()), "x")
    finally:
        loops.TROUBLE_SECONDS = before


async def test_delivering_waits_for_room_and_for_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing due, or on hold, the loop sleeps until it is woken."""
    monkeypatch.setattr(loops, "POLL_SECONDS", 0.01)
    asked: list[str] = []

    class Idle:
        room = 1

        async def send_due(self, holder: str) -> int:
            asked.append(holder)
            return len(asked) % 2

        async def wait_for_room(self, seconds: float) -> None:
            asked.append("room")

        async def finish(self, seconds: float) -> None:
            asked.append("finished")

    sender: Any = Idle()
    loop = loops.Deliver(sender, lambda: "node:a#1", Bell())
    await loop.turn()
    await loop.turn()
    sender.room = 0
    await loop.turn()
    await loop.finish(1)
    assert asked == ["node:a#1", "node:a#1", "room", "node:a#1", "finished"]

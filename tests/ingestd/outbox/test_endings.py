"""Endings are recorded together, and surely; one that cannot be recorded takes no other with it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from doubles.mailroom import NOON, WAIT, WRITER, Mailroom, mail
from doubles.sending import SendingOffice
from sqlalchemy import insert, select

from ingestd.errors import Temporary
from ingestd.outbox import claims, endings
from ingestd.outbox.endings import Endings
from ingestd.store import outbox, tables
from ingestd.store.outbox import Ended, Owed

pytestmark = pytest.mark.anyio


@pytest.fixture
def room(office: SendingOffice) -> Mailroom:
    """A room whose node has its lease."""
    return office.room


def claimed(room: Mailroom, count: int) -> list[Owed]:
    """The acks of so many mails, claimed."""
    for number in range(count):
        room.arrive(mail(f"w{number}@x{number}.cn"))
    found = room.store.write(lambda tx: outbox.claim(tx, room.holder, 100, NOON)).result(WAIT)
    return [owed for owed in found if owed.notice.kind == "ack"]


def states(room: Mailroom) -> list[str]:
    """The state of every ack, in the order of their tickets."""
    box = tables.outbox.c
    query = select(box.state).where(box.kind == "ack").order_by(box.ticket_no, box.mail_id)
    return list(room.store.read(lambda tx: tx.execute(query).scalars().all()))


async def test_what_ends_while_a_unit_is_under_way_shares_the_next(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six endings at once are two units of work at most, and all are recorded."""
    letters, sizes = claimed(room, 6), []
    recorded = claims.ended

    def counted(tx: Any, together: Any, *rest: Any) -> Any:
        sizes.append(len(together))
        return recorded(tx, together, *rest)

    monkeypatch.setattr(claims, "ended", counted)
    ended = Endings(room.store, WRITER)
    await asyncio.gather(*(ended.record(Ended(owed, "sent", NOON), room.holder) for owed in letters))
    assert sum(sizes) == 6
    assert len(sizes) <= 2
    assert states(room) == ["sent"] * 6


async def test_an_ending_that_cannot_be_recorded_stops_no_other(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own caller is told; the neighbours of the same unit are recorded."""
    letters, recorded = claimed(room, 4), claims.ended
    poison = letters[1].mail_id

    def picky(tx: Any, together: Any, *rest: Any) -> Any:
        if any(one.owed.mail_id == poison for one in together):
            raise LookupError("a fault of ours")
        return recorded(tx, together, *rest)

    monkeypatch.setattr(claims, "ended", picky)
    monkeypatch.setattr(endings, "RECORD_AGAIN_SECONDS", 0.01)
    ended = Endings(room.store, WRITER)
    units = [ended.record(Ended(owed, "sent", NOON), room.holder) for owed in letters]
    told = await asyncio.gather(*units, return_exceptions=True)
    assert [type(one) for one in told] == [type(None), LookupError, type(None), type(None)]
    assert sorted(states(room)) == ["sending", "sent", "sent", "sent"]


async def test_an_ending_that_waits_for_the_store_holds_up_no_other(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ticket whose row somebody holds is tried again and again; the others are recorded at once."""
    letters, recorded, freed = claimed(room, 3), claims.ended, threading.Event()
    poison = letters[1].mail_id

    def held(tx: Any, together: Any, *rest: Any) -> Any:
        if any(one.owed.mail_id == poison for one in together) and not freed.is_set():
            raise Temporary("the row is locked", code="store")
        return recorded(tx, together, *rest)

    monkeypatch.setattr(claims, "ended", held)
    ended = Endings(room.store, WRITER)
    stuck = asyncio.create_task(ended.record(Ended(letters[1], "sent", NOON), room.holder))
    await asyncio.gather(*(ended.record(Ended(letters[n], "sent", NOON), room.holder) for n in (0, 2)))
    assert not stuck.done()
    freed.set()
    await stuck
    assert states(room) == ["sent"] * 3


async def test_who_stops_waiting_takes_nobody_with_him(room: Mailroom) -> None:
    """A task that is cut off at the end leaves its ending with the others, and all are recorded (P16)."""
    letters = claimed(room, 3)
    ended = Endings(room.store, WRITER)
    tasks = [asyncio.create_task(ended.record(Ended(owed, "sent", NOON), room.holder)) for owed in letters]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await ended.finish(WAIT)
    assert states(room) == ["sent"] * 3


async def test_each_ticket_knows_the_moment_of_its_own_letter(room: Mailroom) -> None:
    """Endings that share a unit of work do not share their time."""
    letters = claimed(room, 2)
    moments = [NOON + timedelta(seconds=1), NOON + timedelta(minutes=9)]
    ended = Endings(room.store, WRITER)
    pairs = zip(letters, moments, strict=True)
    await asyncio.gather(*(ended.record(Ended(owed, "sent", at), room.holder) for owed, at in pairs))
    query = select(tables.entry.c.at).where(tables.entry.c.kind == "acknowledged").order_by(tables.entry.c.at)
    assert room.store.read(lambda tx: tx.execute(query).scalars().all()) == moments


async def test_two_letters_of_one_ticket_both_make_its_history(room: Mailroom) -> None:
    """In one unit the second ending sees what the first has made of the ticket."""
    (ack,) = claimed(room, 1)
    twin = replace(ack, mail_id="Z" * 26)
    copied = {**_row(room, ack.mail_id), "mail_id": twin.mail_id, "episode": "twin"}
    room.store.write(lambda tx: tx.execute(insert(tables.outbox), copied)).result(WAIT)
    ended = Endings(room.store, WRITER)
    both = (Ended(ack, "sent", NOON), Ended(twin, "failed", NOON, "550 nobody"))
    await asyncio.gather(*(ended.record(one, room.holder) for one in both))
    entries = select(tables.entry.c.kind).where(tables.entry.c.ticket_no == ack.ticket_no).order_by(tables.entry.c.id)
    assert room.store.read(lambda tx: tx.execute(entries).scalars().all())[-2:] == ["acknowledged", "letter_failed"]
    assert states(room) == ["sent", "failed"]


def _row(room: Mailroom, mail_id: str) -> dict[str, Any]:
    query = select(tables.outbox).where(tables.outbox.c.mail_id == mail_id)
    return dict(room.store.read(lambda tx: tx.execute(query).mappings().one()))

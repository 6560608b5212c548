"""What may go wrong between claiming a letter and recording its ending: none of it stops others or sends twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from doubles.mailroom import NOON, WAIT, mail
from doubles.sending import SendingOffice
from sqlalchemy import select, update

from ingestd.errors import Temporary
from ingestd.outbox.courier import Again
from ingestd.outbox.sender import WRITTEN_AHEAD
from ingestd.outbox.settings import OutboundSettings
from ingestd.store import outbox, tables
from ingestd.store.blobs import DatabaseBlobs

pytestmark = pytest.mark.anyio
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def customers(office: SendingOffice, count: int) -> None:
    """So many people write."""
    for number in range(count):
        office.room.arrive(mail(f"w{number}@x{number}.cn"))


def damage(office: SendingOffice, rcpt: str, **values: Any) -> None:
    """Change a row of the outbox behind everybody's back."""
    box = tables.outbox
    office.room.store.write(lambda tx: tx.execute(update(box).where(box.c.rcpt == rcpt).values(**values))).result(WAIT)


def states(office: SendingOffice) -> dict[str, tuple[str, str | None]]:
    """State and reason of each acknowledgement, by recipient."""
    return {row.rcpt: (row.state, row.reason) for row in office.letters()}


async def test_a_letter_whose_octets_are_lost_fails_alone(office: SendingOffice) -> None:
    """One lost blob must not stop the outbox: the letter fails with its reason on the ticket, the others leave."""
    customers(office, 3)
    damage(office, "w0@x0.cn", letter_sha256="0" * 64)
    await office.send()
    assert states(office)["w0@x0.cn"] == ("failed", "its octets are lost")
    assert sorted(one.rcpt for one in office.courier.carried) == ["w1@x1.cn", "w2@x2.cn"]
    (row,) = (row for row in office.letters() if row.state == "failed")
    assert office.ticket(row.ticket_no).entries[-1].text == "its octets are lost"


async def test_a_disk_that_cannot_be_read_now_costs_a_later_try(
    office: SendingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown failure is temporary: the letter waits, the very same octets leave later."""
    customers(office, 1)
    office.courier.fail(Again("451 busy"))
    await office.send()

    def failing(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(DatabaseBlobs, "get", failing)
        await office.send(MINUTE)
        assert states(office)["w0@x0.cn"] == ("pending", "its octets cannot be read: OSError")
    await office.send(10 * MINUTE)
    first, second = office.courier.tried
    assert first.data == second.data


async def test_a_row_that_cannot_be_read_fails_alone(office: SendingOffice) -> None:
    """A broken notice is no poison: it fails with its reason, its ticket goes on, the others leave."""
    customers(office, 2)
    damage(office, "w0@x0.cn", notice="{broken")
    await office.send()
    assert states(office) == {"w0@x0.cn": ("failed", "its notice cannot be read"), "w1@x1.cn": ("sent", None)}


async def test_what_the_relay_said_outlives_a_store_that_is_away(office: SendingOffice) -> None:
    """The relay said yes while the database was away: it is recorded when that is back, and nothing goes twice."""
    customers(office, 5)
    refused: list[str] = []

    def flicker(_tx: object) -> None:
        if len(office.courier.carried) == 5 and len(refused) < 9:
            refused.append("once")
            raise Temporary("away", code="store")

    office.room.store.fence = flicker
    await office.send()
    assert await office.send(20 * MINUTE) == 0
    assert len({one.rcpt for one in office.courier.carried}) == len(office.courier.carried) == 5
    assert {row.state for row in office.letters()} == {"sent"}


async def test_while_endings_cannot_be_recorded_their_letters_take_up_room(office: SendingOffice) -> None:
    """So no more is claimed than this node can vouch for; what is recorded is the moment of the ending itself."""
    customers(office, 1)
    office.courier.hold()
    before = office.sender.room
    await office.sender.send_due(office.room.holder)
    await office.courier.begun.wait()

    def away(_tx: object) -> None:
        raise Temporary("away", code="store")

    office.room.store.fence = away
    office.courier.let_go()
    while not office.courier.carried:
        await asyncio.sleep(0)
    office.clock.move_to(NOON + 6 * MINUTE)
    await office.sender.wait_for_room(0.05)
    assert office.sender.room == before - 1
    office.room.store.fence = None
    await office.sender.finish(WAIT)
    (row,) = office.letters()
    assert (office.sender.room, row.state, row.sent_at) == (before, "sent", NOON)


async def test_a_lease_lost_and_taken_anew_sends_nothing_twice(office: SendingOffice) -> None:
    """A clock jump or a long stop costs the lease, but this very process still carries the letter: it ends once."""
    customers(office, 1)
    office.courier.hold()
    assert await office.sender.send_due(office.room.holder) == 1
    await office.courier.begun.wait()
    office.room.join()
    assert await office.sender.send_due(office.room.holder) == 0
    office.courier.let_go()
    await office.sender.finish(WAIT)
    assert states(office)["w0@x0.cn"] == ("sent", None)
    assert await office.send(MINUTE) == 0
    assert len(office.courier.carried) == 1


async def test_no_letter_that_became_late_in_the_queue_leaves_without_saying_so(office: SendingOffice) -> None:
    """A slow relay: few letters are written ahead, and one whose window ends before its turn is written anew (P13)."""
    office.settings = OutboundSettings(connections=1)
    office.restart()
    customers(office, WRITTEN_AHEAD + 4)
    office.courier.hold()
    await office.sender.send_due(office.room.holder)
    await office.courier.begun.wait()
    written = select(tables.outbox.c.mail_id).where(tables.outbox.c.letter_sha256.is_not(None))
    assert 1 <= len(office.room.store.read(lambda tx: tx.execute(written).all())) <= WRITTEN_AHEAD
    office.clock.move_to(NOON + 6 * MINUTE)
    office.courier.let_go()
    await office.sender.finish(WAIT)
    await office.send(20 * MINUTE)
    assert {row.state for row in office.letters()} == {"sent"}
    assert [row.late for row in office.letters()].count(False) == 1


async def test_a_letter_that_was_shown_once_is_never_written_anew(office: SendingOffice) -> None:
    """After an unknown ending the relay is away: a later copy is the very same mail all the same (P5)."""
    customers(office, 1)
    office.courier.fail(Again("no answer after the dot"), carried_all_the_same=True)
    office.courier.fail(Again("no connection to the relay", unseen=True))
    for after in (0, 1, 30):
        await office.send(after * MINUTE)
    first, second = office.courier.carried
    assert first.data == second.data


@pytest.mark.parametrize(("repeat", "state", "copies"), [("at-least-once", "sent", 2), ("at-most-once", "failed", 1)])
async def test_after_a_crash_the_operator_chooses_between_twice_and_never(
    office: SendingOffice, repeat: str, state: str, copies: int
) -> None:
    """What was being carried when its node died goes again, or fails on the ticket where twice is worse (P5)."""
    office.settings = OutboundSettings.model_validate({"repeat": repeat})
    office.restart()
    customers(office, 1)

    office.courier.hold(answers=True)
    await office.sender.send_due(office.room.holder)
    while not office.courier.carried:
        await asyncio.sleep(0)
    await office.sender.finish(0)
    office.courier.let_go()
    dead = office.room.holder
    office.room.store.write(lambda tx: outbox.give_back_all(tx, dead)).result(WAIT)
    office.restart()
    assert await office.send(MINUTE) == 1
    (row,) = office.letters()
    assert (row.state, len(office.courier.carried)) == (state, copies)
    told = [entry.text for entry in office.ticket(row.ticket_no).entries if entry.kind == "letter_failed"]
    assert told == (["it may have left before a crash; outbound.repeat is at-most-once"] if state == "failed" else [])


async def test_at_most_once_gives_up_nothing_that_was_never_carried(office: SendingOffice) -> None:
    """A letter that was claimed and not written has left nowhere, nor has one whose relay said not now."""
    office.settings = OutboundSettings(repeat="at-most-once")
    office.restart()
    customers(office, 2)
    office.room.store.write(lambda tx: outbox.claim(tx, office.room.holder, 1, NOON)).result(WAIT)
    office.restart()
    office.courier.fail(Again("451 busy"))
    await office.send(SECOND)
    office.restart()
    await office.send(MINUTE)
    assert {state for state, _ in states(office).values()} == {"sent"}


async def test_a_relay_that_is_back_gets_at_once_what_waited_for_it(office: SendingOffice) -> None:
    """After an outage nothing sits out its long wait: the first letter that leaves calls the others (P15)."""
    customers(office, 3)
    for after in (0, 1, 3, 7, 15, 30):
        office.courier.fail(*[Again("no connection to the relay: Connection refused", unseen=True)] * 3)
        await office.send(after * MINUTE)
    assert {row.state for row in office.letters()} == {"pending"}
    now = NOON + 30 * MINUTE + SECOND
    assert min(row.due_at for row in office.letters()) > now
    office.room.arrive(mail("new@x.cn"), now)
    await office.send(now - NOON)
    assert await office.send(now - NOON) == 3
    assert {row.state for row in office.letters()} == {"sent"}


async def test_a_single_trouble_hastens_nobody(office: SendingOffice) -> None:
    """One recipient for whom the relay hangs up keeps its growing waits while others get through."""
    customers(office, 2)
    office.courier.fail(Again("the relay closed the connection", unseen=True))
    await office.send()
    (waiting,) = (row for row in office.letters() if row.state == "pending")
    assert waiting.due_at > NOON + 4 * SECOND

"""The sender: written once and stored, then carried, and every ending recorded (P5, P13, P16)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from doubles.mailroom import NOON, WAIT, mail
from doubles.sending import SendingOffice, read

from ingestd.errors import Temporary
from ingestd.model import State
from ingestd.outbox.courier import Again, Refused
from ingestd.outbox.sender import IN_FLIGHT
from ingestd.outbox.settings import OutboundSettings
from ingestd.store import leases, outbox
from ingestd.store.outbox import Ended

pytestmark = pytest.mark.anyio
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


async def test_a_letter_is_carried_and_its_ticket_acknowledged(office: SendingOffice) -> None:
    """The whole way: owed, written, stored, carried, recorded; the ticket is with its department."""
    number = office.room.arrive(mail(message_id="m1@x.cn")).ticket_no
    assert await office.send() == 1
    (carried,) = office.courier.carried
    message = read(carried.data)
    assert (carried.rcpt, carried.mail_from) == ("w@x.cn", "")
    assert (message["In-Reply-To"], message["Auto-Submitted"]) == ("<m1@x.cn>", "auto-replied")
    assert number in message["Subject"]
    (row,) = office.letters()
    assert (row.state, row.sent_at, row.late, row.attempts) == ("sent", NOON, False, 1)
    assert message["Message-ID"].strip("<>") == row.message_id.strip("<>")
    assert office.ticket(number).ticket.state == State.ASSIGNED
    assert await office.send(MINUTE) == 0


async def test_every_try_carries_the_very_same_octets(office: SendingOffice) -> None:
    """Once a peer may have seen it, the letter is frozen: same Message-ID, same Date, same body (P5)."""
    office.room.arrive(mail())
    office.courier.fail(Again("421 later"), Again("no answer after the dot"), carried_all_the_same=True)
    await office.send()
    await office.send(20 * SECOND)
    await office.send(10 * MINUTE)
    assert len(office.courier.carried) == 3
    assert len({one.data for one in office.courier.carried}) == 1
    assert [row.state for row in office.letters()] == ["sent"]


async def test_a_crash_between_carrying_and_recording_repeats_the_same_letter(office: SendingOffice) -> None:
    """The one window in which a letter goes out twice: both copies are the same mail for every client (P5)."""
    office.room.arrive(mail())

    def crash(_tx: object) -> None:
        raise Temporary("gone", code="store")

    office.courier.hold()
    await office.sender.send_due(office.room.holder)
    await office.courier.begun.wait()
    office.room.store.fence = crash
    office.courier.let_go()
    while not office.courier.carried:
        await asyncio.sleep(0)
    await office.sender.finish(0)
    office.room.store.write(lambda tx: None).result(WAIT)  # what was queued before the crash is refused by now
    office.room.store.fence = None
    office.restart()
    assert await office.send(MINUTE) == 1
    first, second = office.courier.carried
    assert first.data == second.data
    assert [row.state for row in office.letters()] == ["sent"]


async def test_a_letter_under_way_is_not_claimed_again(office: SendingOffice) -> None:
    """What this node is carrying right now is nobody's to take, its own next round's neither."""
    office.room.arrive(mail())
    office.courier.hold()
    assert await office.sender.send_due(office.room.holder) == 1
    await office.courier.begun.wait()
    assert await office.sender.send_due(office.room.holder) == 0
    office.courier.let_go()
    await office.sender.finish(WAIT)
    assert len(office.courier.carried) == 1


async def test_a_refusal_is_final_and_stands_on_the_ticket(office: SendingOffice) -> None:
    """5xx: no second try; the person who works on the ticket reads why (F27)."""
    number = office.room.arrive(mail()).ticket_no
    office.courier.fail(Refused("550 no such user"))
    await office.send()
    assert await office.send(timedelta(days=1)) == 0
    (row,) = office.letters()
    assert (row.state, row.reason) == ("failed", "550 no such user")
    entry = office.ticket(number).entries[-1]
    assert (entry.kind, entry.text, dict(entry.data)["rcpt"]) == ("letter_failed", "550 no such user", "w@x.cn")
    assert office.ticket(number).ticket.state == State.ASSIGNED


async def test_a_delay_backs_off_and_ends(office: SendingOffice) -> None:
    """4xx: later and later, with the reason on record, and after five days given up for good."""
    number = office.room.arrive(mail()).ticket_no
    office.courier.fail(*[Again("451 busy")] * 1000)
    await office.send()
    (row,) = office.letters()
    assert (row.state, row.reason, row.owner) == ("pending", "451 busy", None)
    assert 5 * SECOND <= row.due_at - NOON <= 6.5 * SECOND
    assert await office.send(4 * SECOND) == 0
    await office.send(20 * SECOND)
    assert office.letters()[0].due_at - NOON >= 30 * SECOND
    await office.send(timedelta(days=5, minutes=1))
    assert office.letters()[0].state == "failed"
    assert office.ticket(number).entries[-1].text == "given up: 451 busy"


async def test_a_relay_may_ask_for_more_time(office: SendingOffice) -> None:
    """A wait the peer asks for is kept."""
    office.room.arrive(mail())
    office.courier.fail(Again("login refused", timedelta(minutes=10)))
    await office.send()
    assert office.letters()[0].due_at == NOON + 10 * MINUTE


async def test_hold_sends_nothing_and_loses_nothing(office: SendingOffice) -> None:
    """Everything runs and nothing leaves; without the hold it leaves, and says that it is late."""
    office.room.arrive(mail())
    office.settings = OutboundSettings(hold=True)
    office.restart()
    assert await office.send() == 0
    assert (office.sender.room, [row.state for row in office.letters()]) == (0, ["pending"])
    office.settings = OutboundSettings()
    office.restart()
    assert await office.send(timedelta(hours=1)) == 1
    assert office.letters()[0].late


async def test_no_more_letters_are_claimed_than_can_be_carried(office: SendingOffice) -> None:
    """A backlog does not become a thousand tasks, and each letter is carried once."""
    for number in range(IN_FLIGHT + 6):
        office.room.arrive(mail(f"w{number}@x{number}.cn"))
    assert await office.send() == IN_FLIGHT
    assert await office.send() == 6
    assert len({one.rcpt for one in office.courier.carried}) == len(office.courier.carried) == IN_FLIGHT + 6


async def test_a_node_that_stops_gives_its_letters_back(office: SendingOffice) -> None:
    """A clean stop hands over at once and does not count as a try (P16)."""
    office.room.arrive(mail())
    holder = office.room.holder
    store = office.room.store
    (owed,) = store.write(lambda tx: outbox.claim(tx, holder, 5, NOON)).result(WAIT)
    store.write(lambda tx: outbox.give_back_all(tx, holder)).result(WAIT)
    (again,) = store.write(lambda tx: outbox.claim(tx, "node:other#1", 5, NOON)).result(WAIT)
    assert (again.mail_id, again.attempts) == (owed.mail_id, 1)


async def test_a_dead_nodes_letter_is_carried_by_the_next_and_not_ended_by_the_dead(office: SendingOffice) -> None:
    """After a takeover the sleeper's word counts for nothing (P28)."""
    office.room.arrive(mail())
    store, sleeper = office.room.store, office.room.holder
    (owed,) = store.write(lambda tx: outbox.claim(tx, sleeper, 5, NOON)).result(WAIT)
    store.write(lambda tx: leases.release(tx, leases.Lease("node:test", "test", 1))).result(WAIT)
    office.restart()
    assert await office.send(MINUTE) == 1
    assert not store.write(lambda tx: outbox.ended(tx, [Ended(owed, "failed", NOON, "x")], sleeper)).result(WAIT)
    assert [row.state for row in office.letters()] == ["sent"]

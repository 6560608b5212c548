"""The sender: written once and stored, then carried, and every ending recorded (P5, P13, P16)."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from doubles.couriers import FakeCourier
from doubles.mailroom import NOON, OURS, SIGNER, WAIT, WRITER, Mailroom, deciding, mail, policy
from sqlalchemy import select

import responders
from ingestd import model
from ingestd.errors import Temporary
from ingestd.model import State
from ingestd.outbox import writing
from ingestd.outbox.courier import Again, Refused
from ingestd.outbox.sender import IN_FLIGHT, Sender, Tools
from ingestd.outbox.settings import OutboundSettings
from ingestd.outbox.writing import Desk
from ingestd.store import leases, outbox, reading, tables, tickets
from ingestd.store.blobs import DatabaseBlobs
from ingestd.store.session import Store

pytestmark = pytest.mark.anyio
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@dataclass
class Office:
    """A sender with its courier, on a store with a node's lease."""

    room: Mailroom
    courier: FakeCourier
    settings: OutboundSettings
    clock: time_machine.Traveller

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin anew, as after a crash: a new lease, nothing in memory."""
        self.room.join()
        desk = Desk(responders.load(), policy(), SIGNER, frozenset({OURS}))
        self.sender = Sender(Tools(self.room.store, DatabaseBlobs(), self.courier, WRITER, lambda: desk, self.settings))

    async def send(self, after: timedelta = timedelta(0)) -> int:
        """Send what is due so long after noon, and wait for the endings."""
        self.clock.move_to(NOON + after)
        claimed = await self.sender.send_due(self.room.holder)
        await self.sender.finish(WAIT)
        return claimed

    def letters(self, kind: str = "ack") -> list[Any]:
        """The rows of the outbox."""
        query = select(tables.outbox).where(tables.outbox.c.kind == kind).order_by(tables.outbox.c.mail_id)
        return list(self.room.store.read(lambda tx: tx.execute(query).all()))

    def ticket(self, number: str | None) -> reading.File:
        """All that is known of a ticket."""
        found = self.room.store.read(lambda tx: reading.file_of(tx, number or "", reading.Scope()))
        assert found is not None
        return found


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(store: Store, clock: time_machine.Traveller) -> Office:
    """An office that sends at once, once on each database."""
    return Office(Mailroom(store, deciding()), FakeCourier(), OutboundSettings(), clock)


def read(data: bytes) -> EmailMessage:
    """Read a letter as its receiver does."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_a_letter_is_carried_and_its_ticket_acknowledged(office: Office) -> None:
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


async def test_answers_to_the_letter_lead_back_to_the_ticket(office: Office) -> None:
    """The reply address carries the keyed token of this ticket for this customer (P31)."""
    number = office.room.arrive(mail()).ticket_no
    await office.send()
    token = SIGNER.read_token(read(office.courier.carried[0].data)["Reply-To"].addresses[0].addr_spec)
    assert token is not None
    assert token.ticket_no == number
    assert token.is_for("w@x.cn")


async def test_every_try_carries_the_very_same_octets(office: Office) -> None:
    """Once a peer may have seen it, the letter is frozen: same Message-ID, same Date, same body (P5)."""
    office.room.arrive(mail())
    office.courier.fail(Again("421 later"), Again("no answer after the dot"), carried_all_the_same=True)
    await office.send()
    await office.send(20 * SECOND)
    await office.send(10 * MINUTE)
    assert len(office.courier.carried) == 3
    assert len({one.data for one in office.courier.carried}) == 1
    assert [row.state for row in office.letters()] == ["sent"]


async def test_a_crash_between_carrying_and_recording_repeats_the_same_letter(office: Office) -> None:
    """The one window in which a letter goes out twice: both copies are the same mail for every client (P5)."""
    office.room.arrive(mail())

    def crash(_tx: object) -> None:
        raise Temporary("gone", code="store")

    async def carry_and_crash(mail: Any) -> Any:
        office.room.store.fence = crash
        return await FakeCourier.carry(office.courier, mail)

    office.courier.carry = carry_and_crash  # type: ignore[method-assign] # the step at which it fails
    await office.send()
    office.room.store.fence = None
    del office.courier.carry
    office.restart()
    assert await office.send(MINUTE) == 1
    first, second = office.courier.carried
    assert first.data == second.data
    assert [row.state for row in office.letters()] == ["sent"]


async def test_an_ending_that_could_not_be_recorded_is_not_forgotten(office: Office) -> None:
    """The store was away for a moment and the lease lived on: the letter is taken up again by itself (F17)."""
    office.room.arrive(mail())
    refuse = [True]

    def flicker(_tx: object) -> None:
        if refuse and office.courier.tried:
            refuse.clear()
            raise Temporary("away", code="store")

    office.room.store.fence = flicker
    await office.send()
    assert [row.state for row in office.letters()] == ["sending"]
    assert await office.send(MINUTE) == 1
    assert [row.state for row in office.letters()] == ["sent"]


async def test_a_letter_under_way_is_not_claimed_again(office: Office) -> None:
    """What this node is carrying right now is nobody's to take, its own next round's neither."""
    office.room.arrive(mail())
    free, begun = asyncio.Event(), asyncio.Event()

    async def slowly(mail: Any) -> Any:
        begun.set()
        await free.wait()
        return await FakeCourier.carry(office.courier, mail)

    office.courier.carry = slowly  # type: ignore[method-assign] # a slow relay
    assert await office.sender.send_due(office.room.holder) == 1
    await begun.wait()
    assert await office.sender.send_due(office.room.holder) == 0
    free.set()
    await office.sender.finish(WAIT)
    assert len(office.courier.carried) == 1


@pytest.mark.parametrize(("after", "late"), [(5 * MINUTE, False), (5 * MINUTE + SECOND, True)])
async def test_a_letter_after_its_window_says_that_it_is_late(office: Office, after: timedelta, late: bool) -> None:
    """What was promised, when the mail came, when this leaves: chosen when it is written (P13)."""
    number = office.room.arrive(mail()).ticket_no
    await office.send(after)
    (row,) = office.letters()
    assert row.late is late
    said = office.ticket(number).letters[0].text or ""
    assert ("12:05" in said and "12:00" in said) is late


async def test_a_letter_that_nobody_has_seen_is_written_anew(office: Office) -> None:
    """The relay was away until the window was over: the letter that leaves says that it is late (P13)."""
    office.room.arrive(mail())
    office.courier.fail(Again("connection refused", unseen=True))
    await office.send(5 * MINUTE - SECOND)
    assert not office.letters()[0].late
    await office.send(30 * MINUTE)
    assert office.letters()[0].late
    assert read(office.courier.carried[0].data)["Date"].datetime == NOON + 30 * MINUTE


async def test_a_person_who_was_faster_makes_the_ack_superfluous(office: Office) -> None:
    """Asked at the moment it is due: a person has answered, so the ack is cancelled with its reason (P13)."""
    number = office.room.arrive(mail()).ticket_no or ""
    change(office.room.store, number, lambda t: model.reply(t, "li", "您好", False, NOON))
    await office.send(MINUTE)
    (row,) = office.letters()
    assert (row.state, row.reason) == ("cancelled", "a person has answered already")
    assert office.courier.tried == []
    assert "letter_cancelled" in [entry.kind for entry in office.ticket(number).entries]


async def test_a_result_is_not_asked_about_once_the_ticket_moved_on(office: Office) -> None:
    """A question that makes no sense any more is cancelled."""
    number = office.room.arrive(mail()).ticket_no or ""
    letter = model.Notice("result_confirm", "1", "w@x.cn", OURS, "zh-CN", NOON + MINUTE)
    change(office.room.store, number, lambda t: model.resolve(t, "li", "done", False, NOON), [letter])
    change(office.room.store, number, lambda t: model.reopen(t, "li", "not yet", NOON))
    await office.send(2 * MINUTE)
    assert [(row.state, row.reason) for row in office.letters("result_confirm")] == [
        ("cancelled", "the ticket has moved on")
    ]


def change(store: Store, number: str, verb: Any, notices: Any = ()) -> None:
    """A person's verb, with the letters it owes."""

    def unit(tx: Any) -> None:
        tickets.change(tx, number, lambda t: replace(verb(t), notices=tuple(notices)), WRITER, NOON)

    store.write(unit).result(WAIT)


async def test_a_refusal_is_final_and_stands_on_the_ticket(office: Office) -> None:
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


async def test_a_delay_backs_off_and_ends(office: Office) -> None:
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


async def test_a_relay_may_ask_for_more_time(office: Office) -> None:
    """A wait the peer asks for is kept."""
    office.room.arrive(mail())
    office.courier.fail(Again("login refused", timedelta(minutes=10)))
    await office.send()
    assert office.letters()[0].due_at == NOON + 10 * MINUTE


async def test_hold_sends_nothing_and_loses_nothing(office: Office) -> None:
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


async def test_a_letter_that_cannot_be_written_stops_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in one letter costs it a later try; the others leave, and the loop lives (P8)."""
    for number in range(3):
        office.room.arrive(mail(f"w{number}@x.cn"))
    real = writing.write

    def faulty(owed: Any, *rest: Any) -> Any:
        if owed.notice.rcpt == "w1@x.cn":
            raise RuntimeError("a bug")
        return real(owed, *rest)

    monkeypatch.setattr(writing, "write", faulty)
    await office.send()
    assert sorted(one.rcpt for one in office.courier.carried) == ["w0@x.cn", "w2@x.cn"]
    assert sorted(row.state for row in office.letters()) == ["pending", "sent", "sent"]


async def test_a_letter_that_can_never_be_written_fails_with_its_sentence(office: Office) -> None:
    """A fact is missing: the reason is on record, nothing broken leaves (P38)."""
    number = office.room.arrive(mail()).ticket_no
    await office.send()
    empty = model.Notice("result_confirm", "1", "w@x.cn", OURS, "zh-CN", NOON)
    change(office.room.store, number or "", lambda t: model.resolve(t, "li", "done", False, NOON), [empty])
    await office.send(MINUTE)
    (row,) = office.letters("result_confirm")
    assert row.state == "failed"
    assert row.reason
    assert len(office.courier.carried) == 1


async def test_no_more_letters_are_claimed_than_can_be_carried(office: Office) -> None:
    """A backlog does not become a thousand tasks, and each letter is carried once."""
    for number in range(IN_FLIGHT + 6):
        office.room.arrive(mail(f"w{number}@x{number}.cn"))
    assert await office.send() == IN_FLIGHT
    assert await office.send() == 6
    assert len({one.rcpt for one in office.courier.carried}) == len(office.courier.carried) == IN_FLIGHT + 6


async def test_the_keyed_return_path_is_used_where_there_is_one(office: Office) -> None:
    """Bounces come to an address that only we can have made; a person's reply has a real return path (P11)."""
    office.settings = OutboundSettings(bounce_address="bounces@example.com")
    office.restart()
    number = office.room.arrive(mail()).ticket_no or ""
    await office.send()
    reply = model.Notice(
        "reply", "1", "w@x.cn", OURS, "zh-CN", NOON, automatic=False,
        facts=responders.Facts(reply_text="您好", agent="li", team="x"), subject="x",
    )  # fmt: skip
    change(office.room.store, number, lambda t: model.note(t, "li", "x", NOON), [reply])
    await office.send(MINUTE)
    automatic, personal = office.courier.carried
    mail_id = office.letters()[0].mail_id
    assert automatic.mail_from == SIGNER.bounce_address("bounces@example.com", mail_id)
    assert personal.mail_from == OURS
    assert read(personal.data)["Auto-Submitted"] is None


async def test_a_node_that_stops_gives_its_letters_back(office: Office) -> None:
    """A clean stop hands over at once and does not count as a try (P16)."""
    office.room.arrive(mail())
    holder = office.room.holder
    store = office.room.store
    (owed,) = store.write(lambda tx: outbox.claim(tx, holder, 5, NOON)).result(WAIT)
    store.write(lambda tx: outbox.give_back_all(tx, holder)).result(WAIT)
    (again,) = store.write(lambda tx: outbox.claim(tx, "node:other#1", 5, NOON)).result(WAIT)
    assert (again.mail_id, again.attempts) == (owed.mail_id, 1)


async def test_a_dead_nodes_letter_is_carried_by_the_next_and_not_ended_by_the_dead(office: Office) -> None:
    """After a takeover the sleeper's word counts for nothing (P28)."""
    office.room.arrive(mail())
    store, sleeper = office.room.store, office.room.holder
    (owed,) = store.write(lambda tx: outbox.claim(tx, sleeper, 5, NOON)).result(WAIT)
    store.write(lambda tx: leases.release(tx, leases.Lease("node:test", "test", 1))).result(WAIT)
    office.restart()
    assert await office.send(MINUTE) == 1
    assert not store.write(lambda tx: outbox.ended(tx, owed.mail_id, sleeper, "failed", "x", NOON)).result(WAIT)
    assert [row.state for row in office.letters()] == ["sent"]


async def test_a_reply_refers_to_the_conversation(office: Office) -> None:
    """Where the notice names no mail, the letter answers the last of the customer's."""
    number = office.room.arrive(mail(message_id="m1@x.cn")).ticket_no or ""
    reply = model.Notice("reply", "1", "w@x.cn", OURS, "zh-CN", NOON, automatic=False,
                         facts=responders.Facts(reply_text="您好", agent="li", team="x"))  # fmt: skip
    change(office.room.store, number, lambda t: model.note(t, "li", "x", NOON), [reply])
    await office.send(MINUTE)
    carried = [read(one.data) for one in office.courier.carried]
    assert {message["In-Reply-To"] for message in carried} == {"<m1@x.cn>"}

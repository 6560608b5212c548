"""What becomes of an arrival, on a real store: new, joined, filed, folded, parked, and always explained (P38)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from doubles.mailroom import NOON, OURS, SIGNER, WAIT, WRITER, Mailroom, deciding, mail
from sqlalchemy import select

from ingestd import model
from ingestd.intake import Material, decide, weigh
from ingestd.model import Known, State, Ticket
from ingestd.signing import Signer
from ingestd.store import reading, rows, tables, tickets
from ingestd.store.session import Store
from ingestd.store.tickets import Recorded
from parsers.arrival import Envelope
from parsers.record import Automatic, Bounce, Defect, IntakeRecord, Mailbox, Recipient

DAY = timedelta(days=1)
STRANGER = "thief@evil.example"


@pytest.fixture
def room(store: Store) -> Mailroom:
    """A node with its lease, whose operator reads alerts."""
    room = Mailroom(store, deciding(alerts_to=["ops@example.com"]))
    room.join()
    return room


def load(room: Mailroom, number: str | None) -> Ticket:
    """The ticket as it is stored."""
    return room.store.read(lambda tx: rows.load(tx, [number or ""]))[number or ""]


def file_of(room: Mailroom, number: str | None) -> reading.File:
    """All that is known of a ticket."""
    found = room.store.read(lambda tx: reading.file_of(tx, number or "", reading.Scope()))
    assert found is not None
    return found


def explained(room: Mailroom) -> dict[str, Any]:
    """The decision on the newest arrival."""
    query = select(tables.arrival.c.decision).order_by(tables.arrival.c.intake_id.desc()).limit(1)
    decision: dict[str, Any] = json.loads(room.store.read(lambda tx: tx.execute(query).scalar_one()))
    return decision


def why_in_queue(room: Mailroom, number: str | None) -> str | None:
    """Why the ticket waits for a person, if it does."""
    query = select(tables.queue_item.c.why).where(tables.queue_item.c.ticket_no == number)
    return room.store.read(lambda tx: tx.execute(query).scalar())


def letters(room: Mailroom) -> list[tuple[str, str, str, str | None]]:
    """Kind, recipient, state and reason of every letter, oldest first."""
    box = tables.outbox.c
    query = select(box.kind, box.rcpt, box.state, box.reason).order_by(box.mail_id)
    return [(row.kind, row.rcpt, row.state, row.reason) for row in room.store.read(lambda tx: tx.execute(query).all())]


def change(room: Mailroom, number: str | None, verb: Any, now: Any = NOON) -> None:
    """A person's verb."""
    room.store.write(lambda tx: tickets.change(tx, number or "", verb, WRITER, now)).result(WAIT)


def resolved(room: Mailroom) -> str | None:
    """A ticket that was resolved."""
    number = room.arrive(mail(message_id="first@x.cn")).ticket_no
    room.send_all()
    change(room, number, lambda t: model.resolve(t, "li", "done", True, NOON))
    return number


def with_token(number: str | None, rcpt: str = "w@x.cn") -> tuple[Recipient, ...]:
    """The recipients of an answer to our letter."""
    return (Recipient(kind="to", email=SIGNER.reply_address(OURS, number or "", rcpt)),)


def test_a_new_matter_is_a_ticket_in_the_right_queue_with_its_reason(room: Mailroom) -> None:
    """The words that spoke are on record, and the ticket waits for a person."""
    recorded = room.arrive(mail(text="我要退款！订单 12345678 一直没有到，已经三周了，你们太差了"))
    decision = explained(room)
    assert (recorded.outcome, why_in_queue(room, recorded.ticket_no)) == ("created", "new")
    assert decision["route"]["department"] == recorded.department
    assert decision["route"]["rules"][0]["words"]
    assert decision["ack"] == {
        "owed": True, "template": letters(room)[0][0], "language": "zh-CN", "reason": None, "sentence": None,
    }  # fmt: skip


def test_a_ticket_whose_ack_left_is_assigned_and_one_without_ack_is_so_at_once(room: Mailroom) -> None:
    """Without a letter to wait for, the ticket goes straight to its department, and says why none left."""
    answered = room.arrive(mail())
    assert load(room, answered.ticket_no).state == State.NEW
    room.send_all()
    assert load(room, answered.ticket_no).state == State.ASSIGNED
    silent = room.arrive(mail(automatic=Automatic(kind="list")))
    assert load(room, silent.ticket_no).state == State.ASSIGNED
    withheld = [entry for entry in file_of(room, silent.ticket_no).entries if entry.kind == "ack_withheld"]
    assert [entry.text for entry in withheld] == ["list"]


def test_a_reply_joins_its_ticket_and_is_not_acknowledged_again(room: Mailroom) -> None:
    """With the token of our letter: appended, work for the queue, no second ack."""
    number = room.arrive(mail()).ticket_no
    room.send_all()
    change(room, number, lambda t: model.take(t, "li", NOON))
    joined = room.arrive(mail(recipients=with_token(number)))
    assert (joined.outcome, joined.ticket_no, joined.reason) == ("appended", number, "token")
    assert why_in_queue(room, number) == "message"
    assert [kind for kind, *_ in letters(room)] == ["ack"]
    assert explained(room)["ack"]["reason"] == "reply-in-open-ticket"


def test_a_reply_with_a_token_proves_its_address(room: Mailroom) -> None:
    """Who answers what we sent reads mail there (P12)."""
    number = room.arrive(mail()).ticket_no
    room.arrive(mail(recipients=with_token(number)))
    assert room.store.read(lambda tx: tx.execute(select(tables.customer.c.proved_at)).scalar_one()) == NOON


def test_a_reply_by_reference_joins_and_proves_nothing(room: Mailroom) -> None:
    """Every id ever received or sent is known; the ack's own id as well."""
    number = room.arrive(mail(message_id="first@x.cn")).ticket_no
    joined = room.arrive(mail(references=("first@x.cn",)))
    assert (joined.ticket_no, joined.reason) == (number, "reference")
    assert room.store.read(lambda tx: tx.execute(select(tables.customer.c.proved_at)).scalar_one()) is None
    third = room.arrive(mail(in_reply_to=file_of(room, number).messages[-1].record["message_id"]))
    assert third.ticket_no == number


def test_a_reply_of_one_who_stood_in_cc_proves_nothing(room: Mailroom) -> None:
    """A stranger names his victim in Cc and writes in its name with his own token: the victim never saw it (P12)."""
    cc = (Recipient(kind="to", email=OURS), Recipient(kind="cc", email="victim@x.cn"))
    room.arrive(mail("victim@x.cn"))
    number = room.arrive(mail(STRANGER, recipients=cc)).ticket_no
    joined = room.arrive(mail("victim@x.cn", recipients=with_token(number, STRANGER)))
    assert (joined.ticket_no, joined.reason) == (number, "token")
    assert set(room.store.read(lambda tx: tx.execute(select(tables.customer.c.proved_at)).scalars().all())) == {None}


@pytest.mark.parametrize("clue", ["id", "address"])
@pytest.mark.parametrize("sender", ["w@x.cn", OURS])
def test_a_forged_token_is_a_customers_mail_and_told(room: Mailroom, clue: str, sender: str) -> None:
    """TH3: shaped like ours, signed by nobody. An ordinary ticket, with a flag and in the explanation."""
    number = room.arrive(mail()).ticket_no or ""
    other = Signer(b"K" * 32)
    to = (Recipient(kind="to", email=other.reply_address(OURS, number, "w@x.cn")),)
    made = other.message_id(number, "ack", "first", "w@x.cn", "example.com")
    values: dict[str, Any] = {"references": (made,)} if clue == "id" else {"recipients": to}
    forged = room.arrive(mail(sender, **values))
    assert forged.outcome == "created"
    assert "forged-token" in load(room, forged.ticket_no).flags
    assert explained(room)["conversation"]["forged_token"] is True
    assert len(file_of(room, number).messages) == 1


def test_a_forged_token_beside_a_true_one_is_told_on_the_ticket(room: Mailroom) -> None:
    """The true one joins; that somebody tried is on the ticket."""
    number = room.arrive(mail()).ticket_no or ""
    made = Signer(b"K" * 32).message_id(number, "ack", "first", "w@x.cn", "example.com")
    assert room.arrive(mail(references=(made,), recipients=with_token(number))).ticket_no == number
    assert load(room, number).flags == ("forged-token",)


def test_an_id_of_another_installation_is_no_forgery(room: Mailroom) -> None:
    """Others run this program, too; their ids have the same shape and another domain."""
    made = Signer(b"K" * 32).message_id("T20261120001", "ack", "first", "w@x.cn", "other.example")
    assert load(room, room.arrive(mail(references=(made,))).ticket_no).flags == ()


@pytest.mark.parametrize("mark", ["anything", SIGNER.loop_mark("another@x.cn")])
def test_a_made_up_loop_mark_makes_no_mail_vanish(room: Mailroom, mark: str) -> None:
    """Anybody can write the header; it counts only for the Message-ID that it was made for (P11)."""
    assert room.arrive(mail(loop_mark=mark)).outcome == "created"
    assert [state for *_, state, _ in letters(room)] == ["pending"]


def test_a_persons_letter_from_another_installation_is_a_customers_mail(room: Mailroom) -> None:
    """It carries a loop mark too, of another key, and nothing else that says machine."""
    other = Signer(b"K" * 32)
    their_id = other.message_id("T20261120001", "reply", "1", OURS, "other.example")
    theirs = mail("desk@other.example", message_id=their_id, loop_mark=other.loop_mark(their_id))
    assert room.arrive(theirs).outcome == "created"
    assert [state for *_, state, _ in letters(room)] == ["pending"]


@pytest.mark.parametrize("place", ["message_id", "in_reply_to", "references"])
@pytest.mark.parametrize("kind", [None, "auto_reply", "auto_generated", "list"])
def test_our_own_letter_is_known_by_its_mark(room: Mailroom, place: str, kind: Any) -> None:
    """By the mark for its own id, or for one it answers where a machine sends the headers back: nobody is answered."""
    number = room.arrive(mail()).ticket_no
    ours = file_of(room, number).letters[0].message_id
    values: dict[str, Any] = {place: (ours,) if place == "references" else ours}
    back = mail(OURS, automatic=Automatic(kind=kind), loop_mark=SIGNER.loop_mark(ours), **values)
    assert room.arrive(back).outcome in ("suppressed", "appended")
    assert explained(room)["reason"] == explained(room)["ack"]["reason"] == "own-mail"
    assert len(letters(room)) == 1


@pytest.mark.parametrize("reply_to", [(), (Mailbox(email="wang@x.cn"),)])
def test_mail_from_our_own_address_is_a_ticket_and_not_answered(room: Mailroom, reply_to: tuple[Mailbox, ...]) -> None:
    """A contact form sends so. Nobody else is written to for it, and a person sees it and answers by hand (P11)."""
    number = room.arrive(mail(OURS, reply_to=reply_to)).ticket_no
    assert [(state, reason) for *_, state, reason in letters(room)] == [("withheld", "own-address")]
    assert load(room, number).customer_email is None
    assert why_in_queue(room, number) == "new"


BOUNCES = "bounces@example.com"


def at_return_path(room: Mailroom, address: str, record: IntakeRecord) -> Recorded:
    """Let a mail come in that was sent to this return path."""
    room.by = replace(room.by, policy=replace(room.by.policy, bounce_address=BOUNCES))
    return room.arrive(record, rcpt_to=address)


def return_path(room: Mailroom, number: str | None) -> str:
    """The return path of the ticket's first letter."""
    box = tables.outbox.c
    query = select(box.mail_id).where(box.ticket_no == number)
    return SIGNER.bounce_address(BOUNCES, room.store.read(lambda tx: tx.execute(query).scalar_one()))


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ({"bounce": Bounce(action="failed"), "automatic": Automatic(kind="bounce")}, True),
        ({"bounce": Bounce(action="delayed"), "automatic": Automatic(kind="bounce")}, False),
        ({"automatic": Automatic(kind="auto_reply")}, False),
        ({"automatic": Automatic(kind="auto_generated")}, False),
        ({}, False),
    ],
)
def test_what_comes_to_a_return_path_of_ours_is_filed_with_its_ticket(
    room: Mailroom, values: Any, flagged: bool
) -> None:
    """Whatever it says: the mark names the letter, nobody is answered, and a failure is told (TH14)."""
    number = room.arrive(mail()).ticket_no
    owed = letters(room)
    filed = at_return_path(room, return_path(room, number), mail("mailer@x.cn", recipients=(), **values))
    assert (filed.outcome, filed.ticket_no, filed.reason) == ("appended", number, "bounce")
    assert ("not-reached" in load(room, number).flags) is flagged
    assert (letters(room), file_of(room, number).entries[-1].kind) == (owed, "bounce")
    assert explained(room)["conversation"]["how"] == explained(room)["ack"]["reason"] == "bounce"


@pytest.mark.parametrize("address", [BOUNCES, "bounces+01abc.aaaaaaaaaaaaaaaa@example.com", "Bounces+x@Example.com"])
def test_mail_to_a_bare_or_forged_return_path_is_suppressed(room: Mailroom, address: str) -> None:
    """It opens no ticket and is not answered, though it is a person's, and names a true letter of ours."""
    number = room.arrive(mail()).ticket_no
    owed, known = letters(room), file_of(room, number).letters[0].message_id
    report = mail(STRANGER, in_reply_to=known, bounce=Bounce(action="failed", original_message_id=known))
    gone = at_return_path(room, address, report)
    assert (gone.outcome, gone.ticket_no, gone.reason) == ("suppressed", None, "bounce")
    assert explained(room)["ack"]["sentence"]
    assert (letters(room), load(room, number).flags) == (owed, ())


def test_the_headers_name_the_return_path_only_where_there_was_no_envelope(room: Mailroom) -> None:
    """A customer who also writes to it in Cc is a customer; a file without an envelope is judged by its To."""
    both = (Recipient(kind="to", email=OURS), Recipient(kind="cc", email=BOUNCES))
    assert at_return_path(room, OURS, mail(recipients=both)).outcome == "created"
    by = room.by
    for recipients, outcome in ((both, "created"), (both[1:], "suppressed")):
        material = Material(mail(recipients=recipients), Envelope(), NOON)
        assert decide(material, weigh(material, by), by, Known(), NOON).outcome == outcome


def test_a_mailbox_may_be_its_own_return_path(room: Mailroom) -> None:
    """Where one address is both, only a genuine mark makes a bounce; the rest is customers' mail."""
    shared = replace(room.by.policy, bounce_address=OURS)
    room.by = replace(room.by, policy=shared)
    number = room.arrive(mail(recipients=())).ticket_no
    assert number is not None
    tagged = return_path(room, number).replace("bounces+", "support+")
    box = tables.outbox.c
    mail_id = room.store.read(lambda tx: tx.execute(select(box.mail_id).where(box.ticket_no == number)).scalar_one())
    genuine = SIGNER.bounce_address(OURS, mail_id)
    assert room.arrive(mail("mailer@x.cn", recipients=()), rcpt_to=genuine).ticket_no == number
    assert room.arrive(mail(recipients=()), rcpt_to=tagged[:-14] + "aa@example.com").outcome == "created"


def test_a_strangers_reference_makes_a_linked_ticket(room: Mailroom) -> None:
    """TH2: nothing is appended to what is not his; the new ticket names the other (P31)."""
    number = room.arrive(mail(message_id="first@x.cn")).ticket_no
    stranger = room.arrive(mail(STRANGER, references=("first@x.cn",), subject=f"[{number}]"))
    assert stranger.outcome == "created"
    assert load(room, stranger.ticket_no).related == (number,)
    assert explained(room)["conversation"]["linked"] == [number]
    assert len(file_of(room, number).messages) == 1


def test_a_forwarded_token_is_filed_and_changes_nothing(room: Mailroom) -> None:
    """TH4: the customer stays the customer, nobody gets a letter, nobody is proved."""
    number = room.arrive(mail()).ticket_no
    room.send_all()
    before = load(room, number)
    filed = room.arrive(mail(STRANGER, recipients=with_token(number)))
    assert (filed.outcome, filed.reason, filed.ticket_no) == ("appended", "forwarded-token", number)
    assert load(room, number) == before
    assert [kind for kind, *_ in letters(room)] == ["ack"]
    entry = file_of(room, number).entries[-1]
    assert (dict(entry.data)["from"], dict(entry.data)["how"]) == (STRANGER, "forwarded-token")
    assert room.store.read(lambda tx: tx.execute(select(tables.customer.c.proved_at)).scalars().all()) == [None]


def test_a_reply_to_a_resolved_ticket_reopens_it_and_is_acknowledged(room: Mailroom) -> None:
    """The matter is taken up again, in an episode of its own."""
    number = resolved(room)
    reply = room.arrive(mail(recipients=with_token(number), text="还是没有解决，请再看一下这个问题好吗"))
    ticket = load(room, number)
    assert (reply.outcome, ticket.state, ticket.reopened) == ("appended", State.IN_PROGRESS, 1)
    assert why_in_queue(room, number) == "reopened"
    assert [state for kind, _, state, _ in letters(room) if kind.startswith("ack")] == ["sent", "pending"]


def test_a_reply_to_a_ticket_closed_long_ago_is_a_new_linked_one(room: Mailroom) -> None:
    """TH11: after thirty days a matter is another matter."""
    number = resolved(room)
    late = room.arrive(mail(recipients=with_token(number)), NOON + 31 * DAY)
    assert late.outcome == "created"
    assert load(room, late.ticket_no).related == (number,)
    assert load(room, number).state == State.RESOLVED


@pytest.mark.parametrize("kind", ["auto_reply", "receipt", "calendar", "report", "bounce"])
def test_machine_mail_is_filed_with_its_ticket_and_wakes_nobody(room: Mailroom, kind: Any) -> None:
    """TH13: no ack, no reopening, no work, no proof; but it is there to be read."""
    number = resolved(room)
    owed = len(letters(room))
    filed = room.arrive(mail(automatic=Automatic(kind=kind), recipients=with_token(number)))
    assert (filed.outcome, filed.ticket_no) == ("appended", number)
    assert (load(room, number).state, why_in_queue(room, number)) == (State.RESOLVED, None)
    assert len(letters(room)) == owed
    assert file_of(room, number).entries[-1].kind == kind


@pytest.mark.parametrize("kind", ["auto_reply", "receipt", "calendar", "report", "bounce", "own"])
def test_machine_mail_without_a_ticket_is_suppressed_with_its_reason(room: Mailroom, kind: Any) -> None:
    """It is no matter of its own; a person can look up why there is no ticket (P38)."""
    recorded = room.arrive(mail(automatic=Automatic(kind=kind)))
    assert (recorded.outcome, recorded.ticket_no) == ("suppressed", None)
    assert recorded.reason
    assert letters(room) == []


@pytest.mark.parametrize("kind", ["auto_generated", "list"])
def test_a_machines_own_matter_is_a_ticket_without_ack(room: Mailroom, kind: Any) -> None:
    """An alarm or a list may be a matter; it is never answered."""
    recorded = room.arrive(mail(automatic=Automatic(kind=kind)))
    assert recorded.outcome == "created"
    assert [state for *_, state, _ in letters(room)] == ["withheld"]


@pytest.mark.parametrize(
    ("action", "flagged"), [("failed", True), (None, True), ("delayed", False), ("relayed", False)]
)
def test_a_bounce_of_our_letter_marks_its_ticket(room: Mailroom, action: Any, flagged: bool) -> None:
    """The person sees that the customer was not reached; a delay is no failure."""
    number = room.arrive(mail()).ticket_no
    bounce = Bounce(action=action, original_message_id=file_of(room, number).letters[0].message_id)
    room.arrive(mail("mailer-daemon@x.cn", automatic=Automatic(kind="bounce"), bounce=bounce))
    assert ("not-reached" in load(room, number).flags) is flagged


def test_a_forged_bounce_changes_nothing(room: Mailroom) -> None:
    """TH14: a delivery report for a mail we never sent is suppressed."""
    number = room.arrive(mail(message_id="first@x.cn")).ticket_no
    bounce = Bounce(action="failed", original_message_id="never-sent@example.com")
    forged = room.arrive(mail("mailer-daemon@evil.example", automatic=Automatic(kind="bounce"), bounce=bounce))
    assert forged.outcome == "suppressed"
    assert load(room, number).flags == ()


def test_mail_in_circles_is_parked_and_the_operator_told(room: Mailroom) -> None:
    """More than fifty servers: set aside by policy with its reason, and somebody hears of it (P8, HB15)."""
    recorded = room.arrive(mail(defects=(Defect(code="limit-received"),)))
    assert (recorded.outcome, recorded.reason, recorded.ticket_no) == ("parked", "loop", None)
    assert [(kind, rcpt) for kind, rcpt, *_ in letters(room)] == [("operator_alert", "ops@example.com")]


@pytest.mark.parametrize(
    ("values", "flag"),
    [
        ({"defects": (Defect(code="unreadable-full"),)}, "unreadable"),
        ({"sender": None}, "unknown-sender"),
        ({"wants_no_reply": True}, "no-reply-wanted"),
        ({"automatic": Automatic(kind="list")}, "automatic"),
    ],
)
def test_what_is_odd_about_a_mail_is_marked_on_its_ticket(room: Mailroom, values: Any, flag: str) -> None:
    """People see at a glance that something is to be looked at."""
    assert flag in load(room, room.arrive(mail(**values)).ticket_no).flags


def test_an_empty_mail_is_a_ticket_for_triage(room: Mailroom) -> None:
    """The least there can be: no sender, no subject, no text (P8)."""
    recorded = room.arrive(IntakeRecord(content_sha256="e" * 64))
    ticket = load(room, recorded.ticket_no)
    assert (recorded.outcome, ticket.department, ticket.customer_email) == ("created", "triage", None)
    assert letters(room)[0][2:] == ("withheld", "null-return-path")


def test_hostile_text_reaches_both_databases_and_comes_back_clean(room: Mailroom) -> None:
    """NUL and half characters in every field: stored alike on both, poison on neither."""
    evil = "订\0单\x1b[2J\u202e"
    recorded = room.arrive(mail(f"{'w'}@x.cn", evil * 30, subject=evil, message_id=evil))
    ticket = load(room, recorded.ticket_no)
    assert "\0" not in ticket.subject + ticket.description
    assert "\ufffd" in ticket.subject


def test_a_very_long_mail_is_kept_whole_and_shown_in_part(room: Mailroom) -> None:
    """The ticket shows the beginning; the arrival has all of it."""
    recorded = room.arrive(mail(text="长" * 100_000, subject="题" * 2_000))
    ticket = load(room, recorded.ticket_no)
    assert (len(ticket.description), len(ticket.subject)) == (20_000, 500)
    assert len(file_of(room, recorded.ticket_no).messages[0].record["text"]) == 100_000


def test_deciding_the_same_twice_gives_the_same(room: Mailroom) -> None:
    """Explain and replay see what intake saw: the decision is pure."""
    material = Material(mail(), Envelope(mail_from="w@x.cn", rcpt_to=OURS), NOON)
    first, second = (decide(material, weigh(material, room.by), room.by, Known(), NOON) for _ in range(2))
    assert first == second


def test_outcomes_are_answers(room: Mailroom) -> None:
    """What record returns is what the arrival's row says."""
    recorded = room.arrive(mail())
    row = room.store.read(lambda tx: tx.execute(select(tables.arrival)).one())
    assert recorded == Recorded(row.outcome, row.ticket_no, row.reason, row.department)

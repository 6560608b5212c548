"""Which ticket a mail belongs to: by proof, in a fixed order, and never for a stranger's word (P31, TH1–TH13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from doubles.mailroom import NOON, OURS, SIGNER, mail

from ingestd import conversations
from ingestd.conversations import LOOKED_UP_IDS, MAX_PARTICIPANTS, REOPEN_WITHIN, Conversation
from ingestd.model import Known, State, Ticket
from ingestd.signing import Signer
from parsers.record import Bounce, IntakeRecord, Mailbox, Recipient

A, B, C = "T20261120001", "T20261120002", "T20261120003"
CUSTOMER, STRANGER = "w@x.cn", "thief@evil.example"


def ticket(number: str, *participants: str, state: State = State.ASSIGNED, **values: object) -> Ticket:
    """A ticket with its participants."""
    made = Ticket(number, state, "triage", "订单", CUSTOMER, NOON, participants=participants)
    return replace(made, **values)  # type: ignore[arg-type] # a test's own bag


def reply_to(number: str, rcpt: str = CUSTOMER) -> str:
    """The plus-address that our letter about this ticket to this address asks answers to."""
    return SIGNER.reply_address(OURS, number, rcpt)


def own_id(number: str, rcpt: str = CUSTOMER) -> str:
    """The Message-ID of our ack."""
    return SIGNER.message_id(number, "ack", "first", rcpt, "example.com")


def find(record: IntakeRecord, known: Known, written_to: tuple[str, ...] = ()) -> Conversation:
    """Collect the clues and decide."""
    return conversations.find(record, conversations.clues(record, written_to, SIGNER), known, NOON)


def test_a_stranger_with_a_number_in_the_subject_gets_a_ticket_of_his_own() -> None:
    """TH1: numbers are public and prove nothing; the new ticket is linked, nothing is appended."""
    record = mail(STRANGER, subject=f"Re: [{A}] 退款")
    found = find(record, Known(by_tag=(ticket(A, CUSTOMER),)))
    assert (found.ticket, found.how, found.linked) == (None, "new", (A,))
    assert [(c.ticket_no, c.clue, c.verdict) for c in found.candidates] == [(A, "tag", "stranger")]


def test_a_stranger_with_true_references_gets_a_ticket_of_his_own() -> None:
    """TH2: to know an id is no proof; the new ticket is linked."""
    record = mail(STRANGER, references=("<true@x.cn>",))
    found = find(record, Known(by_reference=(ticket(A, CUSTOMER),)))
    assert (found.ticket, found.linked) == (None, (A,))


@pytest.mark.parametrize("clue", ["by_reference", "by_tag"])
def test_a_participant_with_an_id_or_a_tag_joins(clue: str) -> None:
    """Who opened the ticket, or stood in its To or Cc, may speak in it; case makes no other person."""
    found = find(mail("W@X.cn"), Known(**{clue: (ticket(A, CUSTOMER),)}))
    assert found.ticket is not None
    assert (found.ticket.ticket_no, found.how) == (A, clue.removeprefix("by_"))


def test_a_forged_notification_id_is_no_token() -> None:
    """TH3: shaped like ours, signed by nobody: it is customer mail without a ticket."""
    forged = Signer(b"another key of thirty-two octets!").message_id(A, "ack", "first", CUSTOMER, "example.com")
    record = mail(OURS, in_reply_to=forged)
    found = conversations.clues(record, (OURS,), SIGNER)
    assert (found.tokens, found.forged) == ((), (forged,))
    assert find(record, Known()).ticket is None
    assert conversations.clues(mail(in_reply_to=own_id(A)), (reply_to(A),), SIGNER).forged == ()


def test_a_true_token_in_anothers_hand_appends_and_changes_nothing() -> None:
    """TH4: forwarded; what he says is filed as such."""
    found = find(mail(STRANGER), Known(by_token=(ticket(A, CUSTOMER),)), (reply_to(A),))
    assert found.ticket is not None
    assert found.how == "forwarded-token"
    assert found.candidates[0].verdict == "forwarded"


@pytest.mark.parametrize("written_to", [(reply_to(A),), ()], ids=["reply address", "message id"])
def test_the_addressee_of_a_token_joins(written_to: tuple[str, ...]) -> None:
    """The token in the address or in our Message-ID, from whom it was sent to, from any of his participants too."""
    record = mail(in_reply_to=own_id(A)) if not written_to else mail()
    found = find(record, Known(by_token=(ticket(A),)), written_to)
    assert (found.how, found.verdict) == ("token", "addressee")
    colleague = mail("li@x.cn", in_reply_to=own_id(A))
    beside = find(colleague, Known(by_token=(ticket(A, "li@x.cn"),)))
    assert (beside.how, beside.verdict) == ("token", "participant")


def test_the_strongest_proof_wins_and_the_conflict_is_said() -> None:
    """TH5: token of one ticket, id of another, tag of a third: always the token, and the others are on record."""
    record = mail(subject=f"[{C}] 再问一下", in_reply_to="<id-of-b@x.cn>")
    known = Known(by_token=(ticket(A, CUSTOMER),), by_reference=(ticket(B, CUSTOMER),), by_tag=(ticket(C, CUSTOMER),))
    found = find(record, known, (reply_to(A),))
    assert found.ticket is not None
    assert (found.ticket.ticket_no, found.how, found.conflict) == (A, "token", True)
    assert [(c.ticket_no, c.clue) for c in found.candidates] == [(A, "token"), (B, "reference"), (C, "tag")]


def test_a_stranger_among_the_clues_is_no_conflict() -> None:
    """Only proofs can contradict each other."""
    known = Known(by_token=(ticket(A, CUSTOMER),), by_tag=(ticket(B, "li@y.cn"),))
    assert not find(mail(), known, (reply_to(A),)).conflict


def test_two_clues_to_one_ticket_agree() -> None:
    """The usual reply carries the token, the id and the tag of one ticket."""
    one = ticket(A, CUSTOMER)
    found = find(mail(), Known(by_token=(one,), by_reference=(one,), by_tag=(one,)), (reply_to(A),))
    assert (found.how, found.conflict) == ("token", False)


def test_tokens_in_the_body_count_for_nothing() -> None:
    """TH12: quoted history carries other people's tokens and links."""
    record = mail(text=f"> {own_id(A)}\n> {reply_to(A)}\n好的", html=f"<a href='mailto:{reply_to(A)}'>x</a>")
    assert conversations.clues(record, (OURS,), SIGNER) == conversations.Clues()


def test_clues_come_strongest_and_newest_first() -> None:
    """The envelope's recipient before the headers; In-Reply-To before the last of References."""
    record = mail(
        in_reply_to=own_id(B), references=("<old@x.cn>", "<new@x.cn>"),
        recipients=(Recipient(kind="to", email=reply_to(C)),),
    )  # fmt: skip
    found = conversations.clues(record, (reply_to(A),), SIGNER)
    assert [token.ticket_no for token in found.tokens] == [A, C, B]
    assert found.references == (own_id(B), "<new@x.cn>", "<old@x.cn>")


def test_a_bounce_speaks_of_the_letter_it_returns() -> None:
    """The original Message-ID of a delivery report is its clue."""
    record = mail("mailer-daemon@x.cn", bounce=Bounce(original_message_id=own_id(A)))
    assert [token.ticket_no for token in conversations.clues(record, (), SIGNER).tokens] == [A]


def test_of_a_hundred_thousand_ids_the_newest_are_looked_up() -> None:
    """A header bomb costs fifty look-ups (HB6)."""
    record = mail(references=tuple(f"<{n}@x.cn>" for n in range(100_000)))
    references = conversations.clues(record, (), SIGNER).references
    assert len(references) == LOOKED_UP_IDS
    assert references[0] == "<99999@x.cn>"


@pytest.mark.parametrize(
    ("subject", "tags"),
    [
        (f"Re: [{A}] 订单", (A,)),
        (f"回复：[{A.lower()}]", (A,)),
        (f"[{A}] [{B}] [{A}]", (A, B)),
        (f"{A}", ()),
        ("[T2026112001]", ()),
        ("[T20261120001234567890]", ()),
        (f"［{A}］", ()),
    ],
)
def test_what_a_tag_looks_like(subject: str, tags: tuple[str, ...]) -> None:
    """In square brackets, whole, in either case, at most five of them."""
    assert conversations.clues(mail(subject=subject), (), SIGNER).tags == tags


@pytest.mark.parametrize(
    ("state", "age", "joins"),
    [
        (State.RESOLVED, REOPEN_WITHIN - timedelta(seconds=1), True),
        (State.RESOLVED, REOPEN_WITHIN + timedelta(seconds=1), False),
        (State.ARCHIVED, REOPEN_WITHIN + timedelta(seconds=1), False),
        (State.IN_PROGRESS, REOPEN_WITHIN * 12, True),
        (State.SUPPRESSED, timedelta(0), False),
    ],
)
def test_a_matter_closed_long_ago_begins_anew(state: State, age: timedelta, joins: bool) -> None:
    """TH11: within thirty days it is taken up again, later a new ticket is linked to it; an open one never ages."""
    old = ticket(A, CUSTOMER, state=state, resolved_at=NOON - age)
    found = find(mail(), Known(by_reference=(old,)))
    assert (found.ticket is not None) is joins
    assert found.linked == (() if joins else (A,))


def test_participants_are_who_stood_in_the_opening_mail() -> None:
    """From, Reply-To, To and Cc; not we ourselves, not with a plus-part either, and nobody twice."""
    record = mail(
        "W@x.cn",
        reply_to=(Mailbox(email="w@x.cn"), Mailbox(email="wang@y.cn")),
        recipients=(
            Recipient(kind="to", email=OURS),
            Recipient(kind="to", email=reply_to(A)),
            Recipient(kind="cc", email="li@x.cn"),
            Recipient(kind="delivered_to", email="traced@x.cn"),
        ),
    )
    assert conversations.participants(record, [OURS]) == ("w@x.cn", "wang@y.cn", "li@x.cn")


def test_a_thousand_recipients_are_no_conversation() -> None:
    """One mail makes no more people participants than a conversation has."""
    record = mail(recipients=tuple(Recipient(kind="to", email=f"p{n}@x.cn") for n in range(1000)))
    assert len(conversations.participants(record, [OURS])) == MAX_PARTICIPANTS


@pytest.mark.parametrize("sender", ["", STRANGER])
def test_nobody_is_no_participant(sender: str) -> None:
    """A mail without a sender joins nothing by an id."""
    assert not conversations.is_participant(ticket(A, CUSTOMER, ""), sender)
    assert find(mail(None), Known(by_reference=(ticket(A, CUSTOMER),))).ticket is None


def test_a_token_for_a_ticket_that_is_gone_is_nothing() -> None:
    """What the store does not find, nobody can speak in."""
    found = find(mail(), Known(), (reply_to(A),))
    assert (found.ticket, found.candidates, found.linked) == (None, (), ())

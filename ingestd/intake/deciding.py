"""Decides one arrival: pure, so that ``explain`` can say the same without a store.

First everything that needs no store (``weigh``), then, inside the unit of work, what depends on what is known
(``decide``). The order of the questions is the table of contents of ``decide``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ingestd import conversations, model, notices
from ingestd.conversations import Clues, Conversation
from ingestd.intake import explaining, opening, returning
from ingestd.intake.material import Material
from ingestd.intake.returning import Returned
from ingestd.model import CLOSED, Decided, Entry, Known, Notice, Routing, State, Ticket
from ingestd.notices import Case, Policy
from ingestd.routing import RuleSet
from ingestd.routing import decide as route
from ingestd.signing import Signer
from parsers.record import IntakeRecord

NEVER_A_MATTER = frozenset({"auto_reply", "bounce", "receipt", "calendar", "report", "own"})
"""Machine mail that is no matter of its own: without a ticket it is suppressed, with one it is filed there."""
REPORTS = frozenset({"bounce", "receipt", "calendar", "report"})
"""Mail about our mail, that may well carry its headers."""
FOLDED = frozenset({"domain-answers-itself", "budget-address"})
"""Where the ack is withheld for these, mail of the same text joins the ticket before it: a loop is one matter."""
ENDED = frozenset({*CLOSED, State.MERGED, State.SUPPRESSED})
SHORTEST_TELLING_TEXT = 20
"""Characters below which equal texts of two people mean nothing."""
PARKED_DEFECTS: Mapping[str, str] = {"limit-received": "loop"}
"""What a policy sets aside: mail with more than 50 Received lines has gone in circles."""


@dataclass(frozen=True)
class Deciding:
    """Everything a decision goes by."""

    rules: RuleSet
    policy: Policy
    signer: Signer
    alerts_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weighed:
    """What is said before the store is asked."""

    clues: Clues
    routing: Routing
    own: bool = False
    """Whether it is a letter of our own, by its mark."""
    returned: Returned | None = None
    """What came to our return path."""


def weigh(material: Material, by: Deciding) -> Weighed:
    """Collect the conversation's clues and route by the rules: all the thinking that needs no transaction."""
    record, envelope = material.record, material.envelope
    written_to = [envelope.rcpt_to] if envelope.rcpt_to else []
    recipients = tuple(dict.fromkeys([*written_to, *(r.email.lower() for r in record.recipients)]))
    routing = route(record, by.rules, recipients, dict(record.headers))
    clues = conversations.clues(record, written_to, by.signer)
    own, back = returning.is_own(record, by.signer), returning.returned(material, by.policy, by.signer)
    return Weighed(_without_strange_forgeries(clues, by.policy), routing, own, back)


def _without_strange_forgeries(clues: Clues, policy: Policy) -> Clues:
    """Other installations make ids of the same shape, and theirs are no forgeries of ours."""
    domains = policy.domains
    forged = (mark for mark in clues.forged if mark.strip(" <>").rpartition("@")[2].casefold() in domains)
    return replace(clues, forged=tuple(forged))


def decide(material: Material, weighed: Weighed, by: Deciding, known: Known, now: datetime) -> Decided:
    """Return what becomes of the arrival. The first step that has an answer gives it."""
    if known.duplicate_of:
        return _explained(Decided("duplicate", f"same message as {known.duplicate_of}"), material, weighed, now=now)
    if parked := _parked(material, by, now):
        return _explained(parked, material, weighed, now=now)
    material = _named(material, weighed)
    conversation = _conversation(material, weighed, known, now)
    if material.record.automatic.kind in NEVER_A_MATTER:
        decided = _filed(material, conversation, now)
    elif conversation.ticket is not None:
        decided = _appended(material, weighed, by, known, conversation, now)
    else:
        decided = _created(material, weighed, by, known, conversation, now)
    return _explained(decided, material, weighed, conversation, now=now)


def _named(material: Material, weighed: Weighed) -> Material:
    """Name what only the key can tell: mail to the return path is a bounce, whatever it says, and ours is our own."""
    automatic = material.record.automatic
    if weighed.returned:
        automatic = automatic.model_copy(update={"kind": "bounce"})
    elif weighed.own and automatic.kind not in REPORTS:
        automatic = automatic.model_copy(update={"kind": "own"})
    return replace(material, record=material.record.model_copy(update={"automatic": automatic}))


def _conversation(material: Material, weighed: Weighed, known: Known, now: datetime) -> Conversation:
    if weighed.returned:
        return Conversation(known.bounced, "bounce" if known.bounced else "new")
    found = conversations.find(material.record, weighed.clues, known, now)
    return replace(found, forged=bool(weighed.clues.forged))


def _parked(material: Material, by: Deciding, now: datetime) -> Decided | None:
    """What policy sets aside, unless a person has released it."""
    codes = (PARKED_DEFECTS.get(defect.code) for defect in material.record.defects)
    reason = next((code for code in codes if code), None)
    if reason is None or material.released:
        return None
    alerts = opening.parked_alert(material.intake_id, reason, by.policy, by.alerts_to, now)
    return Decided("parked", reason, alerts=alerts)


def _filed(material: Material, conversation: Conversation, now: datetime) -> Decided:
    """Machine mail: kept with its ticket, never answered; it neither reopens nor reassigns."""
    kind = material.record.automatic.kind
    assert kind is not None
    reason = explaining.reason_of(kind)
    if conversation.ticket is None:
        return Decided("suppressed", reason)
    ticket = _flagged(conversation.ticket, "not-reached") if _is_failure(material.record) else conversation.ticket
    entry = opening.entry_of(material.record, material.intake_id, kind, now)
    return Decided("appended", reason, ticket, (entry,))


def _flagged(ticket: Ticket, *flags: str) -> Ticket:
    return replace(ticket, flags=tuple(dict.fromkeys((*ticket.flags, *flags))))


def _doubts(conversation: Conversation) -> tuple[str, ...]:
    """What a person should know of the clues."""
    found = {"token-conflict": conversation.conflict, "forged-token": conversation.forged}
    return tuple(flag for flag, holds in found.items() if holds)


def _is_failure(record: IntakeRecord) -> bool:
    return record.bounce is not None and record.bounce.action in (None, "failed")


def _appended(
    material: Material, weighed: Weighed, by: Deciding, known: Known, conversation: Conversation, now: datetime
) -> Decided:
    assert conversation.ticket is not None
    entry = opening.entry_of(material.record, material.intake_id, "message", now, how=conversation.how)
    if conversation.how == "forwarded-token":
        return Decided("appended", "forwarded-token", conversation.ticket, (entry,), queue="message")
    change = model.appended(conversations.follow(conversation.ticket, material.record), entry, now)
    change = replace(change, ticket=_flagged(change.ticket, *_doubts(conversation)))
    moment = "reopened" if change.ticket.reopened > conversation.ticket.reopened else "appended"
    case = _case(material, known, change.ticket, moment, now)
    return Decided(
        "appended",
        conversation.how,
        change.ticket,
        change.entries,
        notices.owed(case, by.policy),
        change.queue,
        proves=_proved_address(material, conversation),
    )


def _proved_address(material: Material, conversation: Conversation) -> str | None:
    """The sender, if the token was sent to this very address: one who only stood in Cc may never have seen it."""
    sender = material.record.sender
    return sender.email if sender and conversation.verdict == "addressee" else None


def _created(
    material: Material, weighed: Weighed, by: Deciding, known: Known, conversation: Conversation, now: datetime
) -> Decided:
    ticket = opening.ticket_of(material, weighed.routing, by.policy, conversation.linked, collides=bool(known.same_id))
    ticket = _flagged(ticket, *_doubts(conversation))
    case = _case(material, known, ticket, "created", now)
    owed = notices.owed(case, by.policy)
    withheld = owed[0].withheld if owed else None
    if withheld and known.echo_ticket and _folds(material.record, withheld, known.echo_ticket):
        return _folded(material, by, known.echo_ticket, withheld, now)
    if withheld:
        ticket = model.assigned(ticket, now)
    entry = opening.entry_of(material.record, material.intake_id, "message", now)
    refusals = (Entry("ack_withheld", "system", now, text=withheld),) if withheld else ()
    return Decided("created", None, ticket, (entry, *refusals), owed, queue="new")


def _folds(record: IntakeRecord, withheld: str, ticket: Ticket) -> bool:
    """Whether this is the same matter as the open ticket before it: never another customer's mail in a stranger's."""
    if withheld not in FOLDED or ticket.state in ENDED or not _tells(record):
        return False
    sender = record.sender.email.casefold() if record.sender else None
    repeats = (
        sender == (ticket.customer_email or "").casefold() and opening.description_of(record) == ticket.description
    )
    return withheld == "domain-answers-itself" or repeats


def _tells(record: IntakeRecord) -> bool:
    """Whether equal words mean one writer: two people may well write "在吗", but hardly the same long sentence."""
    return len("".join((record.own_text or record.text).split())) >= SHORTEST_TELLING_TEXT


def _folded(material: Material, by: Deciding, ticket: Ticket, reason: str, now: datetime) -> Decided:
    """Mail beyond the budget that repeats the mail before it: one ticket, no letter, one word to the operator."""
    entry = opening.entry_of(material.record, material.intake_id, "message", now, how="folded")
    alerts = opening.loop_alert(material.record, by.policy, by.alerts_to, ticket.ticket_no, now)
    return Decided("appended", f"folded: {reason}", _flagged(ticket, "folded"), (entry,), alerts=alerts)


def _case(material: Material, known: Known, ticket: Ticket, moment: str, now: datetime) -> Case:
    return Case(
        moment=moment,
        record=material.record,
        envelope=material.envelope,
        ticket=ticket,
        known=known,
        received_at=material.received_at,
        now=now,
        accepted_at=material.accepted_at or now,
        unproven=material.unproven,
    )


def _explained(
    decided: Decided,
    material: Material,
    weighed: Weighed,
    conversation: Conversation | None = None,
    *,
    now: datetime,
) -> Decided:
    text = explaining.explanation(decided, material, weighed.routing, conversation)
    return replace(decided, explanation=text)


def ack_of(owed: tuple[Notice, ...]) -> Notice | None:
    """Return the acknowledgement among the letters of a decision."""
    return next((notice for notice in owed if notice.kind.startswith("ack")), None)

"""Which ticket a record belongs to, and why: decided from proof, never from a name alone (P31).

First the keyed token (reply address, then our own Message-IDs), then every id in In-Reply-To and References against
all ids ever received or sent, then the ticket tag in the subject. An id or a tag counts only from a participant of
that ticket; a stranger's makes a new ticket that is linked. The store looks the tickets up; nothing here does I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from ingestd.model import CLOSED, Known, State, Ticket
from ingestd.signing import Signer, ThreadToken
from parsers.record import IntakeRecord

How = Literal["token", "forwarded-token", "reference", "tag", "bounce", "new"]
REOPEN_WITHIN = timedelta(days=30)
"""A closed matter is taken up again so long; a later mail begins a new, linked ticket."""
LOOKED_UP_IDS = 50
"""Of a longer References header the newest ids are used (RFC 5322 puts them last; header bombs put 100,000)."""
JOINS: dict[tuple[str, str], How] = {
    ("token", "addressee"): "token",
    ("token", "participant"): "token",
    ("token", "forwarded"): "forwarded-token",
    ("reference", "participant"): "reference",
    ("tag", "participant"): "tag",
}
"""Which verdict on which clue joins a ticket; all others only link."""
MAX_PARTICIPANTS = 40
"""One mail makes no more people participants than this: 1,000 addresses in To are no conversation."""
_TAG = re.compile(r"\[([A-Za-z]{1,4}\d{8}\d{3,9})\]")


@dataclass(frozen=True)
class Clues:
    """What a record says about its conversation, before anything is looked up. Strongest clue first in each."""

    tokens: tuple[ThreadToken, ...] = ()
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    forged: tuple[str, ...] = ()
    """Addresses and ids that are shaped as if they carried a token of ours, and carry none."""


@dataclass(frozen=True)
class Candidate:
    """A ticket that a clue pointed to, and what became of it."""

    ticket_no: str
    clue: str
    verdict: str


@dataclass(frozen=True)
class Conversation:
    """The finding: the ticket to append to, or None for a new one; ``linked`` are tickets it claims to be about.

    ``verdict`` is that on the clue which joined the ticket; ``forged`` says that the mail bore a token that is none.
    """

    ticket: Ticket | None
    how: How
    candidates: tuple[Candidate, ...] = ()
    linked: tuple[str, ...] = ()
    conflict: bool = False
    verdict: str | None = None
    forged: bool = False


def clues(record: IntakeRecord, addresses: Iterable[str], signer: Signer) -> Clues:
    """Collect the clues. ``addresses`` are all that the mail was sent to, the envelope's recipient first."""
    ids = _newest_first(record)
    marks = tuple(dict.fromkeys([*addresses, *(recipient.email for recipient in record.recipients), *ids]))
    tokens = _unique_tickets(token for token in map(signer.read_token, marks) if token)
    tags = tuple(dict.fromkeys(tag.upper() for tag in _TAG.findall(record.subject)[:5]))
    return Clues(tuple(tokens), ids, tags, tuple(filter(signer.is_forged, marks)))


def find(record: IntakeRecord, found: Clues, known: Known, now: datetime) -> Conversation:
    """Decide which ticket the record belongs to. Deterministic; every candidate carries its verdict."""
    judged = _judged(found, known, record.sender.email if record.sender else "")
    candidates = tuple(candidate for _, candidate in judged)
    accepted = [(ticket, candidate) for ticket, candidate in judged if (candidate.clue, candidate.verdict) in JOINS]
    linked = tuple(dict.fromkeys(candidate.ticket_no for candidate in candidates))
    if not accepted:
        return Conversation(None, "new", candidates, linked)
    ticket, candidate = accepted[0]
    if _too_old(ticket, now) or (candidate.verdict == "forwarded" and ticket.state in (*CLOSED, State.MERGED)):
        return Conversation(None, "new", candidates, (ticket.ticket_no,))
    conflict = any(other.ticket_no != ticket.ticket_no for other, _ in accepted)
    how = JOINS[candidate.clue, candidate.verdict]
    return Conversation(ticket, how, candidates, (), conflict, candidate.verdict)


def _newest_first(record: IntakeRecord) -> tuple[str, ...]:
    replied = (record.in_reply_to,) if record.in_reply_to else ()
    bounced = (record.bounce.original_message_id,) if record.bounce and record.bounce.original_message_id else ()
    ids = (*bounced, *replied, *reversed(record.references))
    return tuple(dict.fromkeys(ids))[:LOOKED_UP_IDS]


def _unique_tickets(tokens: Iterable[ThreadToken]) -> list[ThreadToken]:
    return list({token.ticket_no: token for token in reversed(list(tokens))}.values())[::-1]


def _judged(found: Clues, known: Known, sender: str) -> list[tuple[Ticket, Candidate]]:
    """Return every ticket that a clue names with its verdict, the strongest clues first."""
    return [
        *_judge_tokens(found.tokens, known.by_token, sender),
        *(_judge(ticket, "reference", sender) for ticket in known.by_reference),
        *(_judge(ticket, "tag", sender) for ticket in known.by_tag),
    ]


def _judge_tokens(
    tokens: Sequence[ThreadToken], tickets: Sequence[Ticket], sender: str
) -> list[tuple[Ticket, Candidate]]:
    by_number = {ticket.ticket_no: ticket for ticket in tickets}
    judged = []
    for token in tokens:
        ticket = by_number.get(token.ticket_no)
        if ticket is not None:
            judged.append((ticket, Candidate(ticket.ticket_no, "token", _token_verdict(token, ticket, sender))))
    return judged


def _token_verdict(token: ThreadToken, ticket: Ticket, sender: str) -> str:
    if sender and token.is_for(sender):
        return "addressee"
    return "participant" if is_participant(ticket, sender) else "forwarded"


def _judge(ticket: Ticket, clue: str, sender: str) -> tuple[Ticket, Candidate]:
    verdict = "participant" if is_participant(ticket, sender) else "stranger"
    return ticket, Candidate(ticket.ticket_no, clue, verdict)


def is_participant(ticket: Ticket, sender: str) -> bool:
    """Whether ``sender`` was in From, To, Cc or Reply-To of the message that opened the ticket (never a later Cc)."""
    return bool(sender) and sender.casefold() in {address.casefold() for address in ticket.participants}


def _too_old(ticket: Ticket, now: datetime) -> bool:
    closed_at = ticket.archived_at or ticket.resolved_at
    if ticket.state == State.SUPPRESSED:
        return True
    return ticket.state in CLOSED and closed_at is not None and now - closed_at > REOPEN_WITHIN


def participants(record: IntakeRecord, own_addresses: Iterable[str]) -> tuple[str, ...]:
    """Return who may speak in a ticket that this record opens: From, Reply-To, To and Cc, without ourselves."""
    own = {address.casefold() for address in own_addresses}
    people = [record.sender] if record.sender else []
    people += record.reply_to
    visible = [recipient.email for recipient in record.recipients if recipient.kind in ("to", "cc")]
    found = dict.fromkeys(email.casefold() for email in (*(person.email for person in people), *visible))
    return tuple(email for email in found if email not in own and _without_plus(email) not in own)[:MAX_PARTICIPANTS]


def _without_plus(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def follow(ticket: Ticket, record: IntakeRecord) -> Ticket:
    """Return the ticket as it is after the record joined: nothing of a stranger changes who the customer is."""
    return replace(ticket, phones=tuple(dict.fromkeys((*ticket.phones, *(p.value for p in record.fields.phones)))))

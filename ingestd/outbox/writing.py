"""Writes a claimed letter as it will be carried: its words, its lateness, its head (P5, P13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ingestd.model import State, Ticket
from ingestd.notices import Policy, facts
from ingestd.signing import Signer
from ingestd.store.blobs import digest
from ingestd.store.cleaning import clean
from ingestd.store.outbox import Owed, Written
from responders import Letters
from responders.headers import Heading
from responders.letter import Facts
from responders.wire import build

INTERNAL = frozenset({"escalation_internal", "queue_notice", "operator_alert"})
"""Letters that stay in the house; they carry no reply token."""


@dataclass(frozen=True)
class Desk:
    """What writing goes by at this moment: the letters, the policy, the key, and who takes plus-addresses."""

    letters: Letters
    policy: Policy
    signer: Signer
    plus_addresses: frozenset[str] = frozenset()


def still_owed(owed: Owed, ticket: Ticket | None) -> str | None:
    """Return why a letter is no longer owed, asked at the moment it is due; None when it is (P13)."""
    kind = owed.notice.kind
    if ticket is None or owed.letter_sha256:
        return None
    if kind == "result_confirm":
        return _still_asked(owed.notice.facts.result, ticket)
    if kind.startswith("ack") and (ticket.responded_at or ticket.resolved_at) and not ticket.reopened:
        return "a person has answered already"
    return None


def _still_asked(result: str | None, ticket: Ticket) -> str | None:
    """A ticket may be resolved anew while the letter about the first result waits for the quiet hours to end."""
    if ticket.state != State.AWAITING_CONFIRM:
        return "the ticket has moved on"
    is_replaced = result is not None and clean(result) != (ticket.resolution or "")
    return "a later result replaces it" if is_replaced else None


def is_late(owed: Owed, now: datetime) -> bool:
    """Say whether the response window is over."""
    return owed.notice.deadline is not None and now > owed.notice.deadline


def write(owed: Owed, thread: Sequence[str], desk: Desk, now: datetime) -> tuple[Written, str | None]:
    """Return the letter ready to be stored, and the problem of an own template if there was one.

    Raise LetterError when it cannot be written at all.
    """
    notice = owed.notice
    late = is_late(owed, now)
    letter = desk.letters.write(notice.kind, notice.language, _facts(owed, desk, now, late=late))
    data = build(letter, _heading(owed, thread, desk, now))
    return Written(owed.mail_id, digest(data), data, letter.subject, letter.text, late), letter.problem


def _facts(owed: Owed, desk: Desk, now: datetime, *, late: bool) -> Facts:
    notice = owed.notice
    told = notice.facts.model_copy(update={"ticket_no": owed.ticket_no or None})
    if not late or notice.deadline is None:
        return told
    times = (notice.deadline, notice.received_at or owed.created_at)
    return facts.late(told, times, now, desk.policy, notice.language)


def _heading(owed: Owed, thread: Sequence[str], desk: Desk, now: datetime) -> Heading:
    notice = owed.notice
    internal = notice.kind in INTERNAL
    replied = notice.in_reply_to or (thread[-1] if thread and not internal else None)
    return Heading(
        sender_name=facts.team(desk.policy, notice.language),
        sender=notice.sender,
        rcpt_name=None,
        rcpt=notice.rcpt,
        reply_to=None if internal else _reply_to(owed, desk),
        message_id=owed.message_id,
        date=now,
        in_reply_to=replied,
        references=tuple(notice.references or (() if internal else thread)),
        automatic=_automatic(owed),
        loop_mark=desk.signer.loop_mark(owed.message_id),
        language=notice.language,
    )


def _automatic(owed: Owed) -> Literal["auto-replied", "auto-generated"] | None:
    if not owed.notice.automatic:
        return None
    return "auto-replied" if owed.notice.kind.startswith("ack") else "auto-generated"


def _reply_to(owed: Owed, desk: Desk) -> str | None:
    sender = owed.notice.sender
    if not owed.ticket_no or sender.casefold() not in desk.plus_addresses:
        return None
    return desk.signer.reply_address(sender, owed.ticket_no, owed.notice.rcpt)

"""The acknowledgement: whether a mail is owed one, which one, until when, or why it is withheld (P11, P12, P38)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ingestd.model import Notice, Ticket
from ingestd.notices import facts
from ingestd.notices.case import Case, Policy
from ingestd.notices.freemail import is_freemail
from ingestd.notices.whom import answer_address, answer_from
from parsers.record import IntakeRecord

ANSWERING_CASES = 4
"""So many equal mails, each after an ack of ours: with the one that set them off, the five cases of P11.

The first answer of a machine may read differently from the rest, for it answers another mail than its own echo.
"""
Reason = Callable[[Case, Policy], bool]

REASONS: tuple[tuple[str, Reason], ...] = (
    ("own-mail", lambda case, _: case.record.automatic.kind == "own"),
    ("bounce", lambda case, _: case.record.automatic.kind == "bounce"),
    ("auto-reply", lambda case, _: case.record.automatic.kind == "auto_reply"),
    ("auto-generated", lambda case, _: case.record.automatic.kind == "auto_generated"),
    ("receipt", lambda case, _: case.record.automatic.kind == "receipt"),
    ("calendar", lambda case, _: case.record.automatic.kind == "calendar"),
    ("report", lambda case, _: case.record.automatic.kind == "report"),
    ("list", lambda case, _: case.record.automatic.kind == "list"),
    ("sender-suppresses", lambda case, _: _suppresses(case)),
    ("null-return-path", lambda case, _: case.envelope.mail_from == ""),
    ("no-answer-address", lambda case, _: answer_address(case.record) is None),
    ("own-address", lambda case, policy: policy.is_own(answer_address(case.record) or "")),
    ("reply-in-open-ticket", lambda case, _: case.moment == "appended"),
    ("customer-wants-no-reply", lambda case, _: case.record.wants_no_reply),
    ("authentication-failed", lambda case, _: case.record.authentication == "rejected"),
    ("old-mail", lambda case, policy: case.accepted_at - _written_at(case) > policy.letters.max_age),
    ("domain-answers-itself", lambda case, policy: answers_itself(case) and _over_domain(case, policy)),
    ("budget-address", lambda case, policy: _over_address(case, policy)),
)
"""Asked in this order; the first that holds is the reason on record."""


def ack_reason(case: Case, policy: Policy) -> str | None:
    """Return why no acknowledgement is owed, as a stable code, or None when it is owed."""
    return next((code for code, holds in REASONS if holds(case, policy)), None)


def owed(case: Case, policy: Policy) -> tuple[Notice, ...]:
    """Return the letters this arrival owes: the ack (or its withholding), and word to the supervisor at once."""
    if case.moment == "appended":
        return ()
    ack = _ack(case, policy)
    return (replace(ack, withheld=ack_reason(case, policy)), *_escalation(case, policy))


def ack_kind(ticket: Ticket) -> str:
    """Return which acknowledgement fits the matter: emergencies and feelings come before everything else."""
    if ticket.priority == "P0":
        return "ack_emergency"
    if ticket.category_l1 == "complaint" or ticket.emotion != "平静":
        return "ack_soothe"
    return "ack_suggestion" if ticket.category_l1 == "suggestion" else "ack"


def answers_itself(case: Case) -> bool:
    """Whether the sender's domain answers our acks with new mail: often, and more than half of them (P11).

    A freemail domain is no machine: whoever writes from it under ever new names is many people.
    """
    sender = case.record.sender.email if case.record.sender else ""
    if is_freemail(sender.rpartition("@")[2]):
        return False
    return case.known.answers >= ANSWERING_CASES and case.known.answers * 2 > case.known.budget.domain_recent


def _suppresses(case: Case) -> bool:
    """Whether the sender asks for no automatic reply (X-Auto-Response-Suppress: All or AutoReply, MS-OXCMAIL)."""
    signs = (sign.lower() for sign in case.record.automatic.evidence)
    asked = [sign for sign in signs if sign.startswith("x-auto-response-suppress")]
    return any("all" in sign.partition(":")[2] or "autoreply" in sign.partition(":")[2] for sign in asked)


def _written_at(case: Case) -> datetime:
    return min(case.record.date or case.received_at, case.received_at)


def _over_domain(case: Case, policy: Policy) -> bool:
    budget, limit = case.known.budget, policy.limits.ack_domain
    return budget.domain_hour >= limit.hour or budget.domain_day >= limit.day


def _over_address(case: Case, policy: Policy) -> bool:
    budget = case.known.budget
    disproved = case.record.authentication == "fail"
    unproven = disproved or (case.unproven and not case.known.proved)
    limit = policy.limits.ack_unproven if unproven else policy.limits.ack_address
    return budget.address_hour >= limit.hour or budget.address_day >= limit.day


def _ack(case: Case, policy: Policy) -> Notice:
    ticket, record = case.ticket, case.record
    window: timedelta = getattr(policy.windows.ack, ticket.priority)
    return Notice(
        kind=ack_kind(ticket),
        episode=_episode(ticket),
        rcpt=answer_address(record) or "",
        sender=answer_from(record, case.envelope, policy),
        language=ticket.language,
        due_at=_due_at(case, policy),
        deadline=case.received_at + window,
        facts=facts.of_ack(case, policy, echo=_may_echo(case, policy)),
        in_reply_to=record.message_id,
        references=(*record.references[-19:], *([record.message_id] if record.message_id else [])),
        subject=record.subject_base,
        received_at=case.received_at,
    )


def _due_at(case: Case, policy: Policy) -> datetime:
    """Return when it may leave: now, or in the next hour, paced, when everybody has had this hour's letters."""
    limit = policy.limits.ack_global_per_hour
    beyond = case.known.budget.all_hour - limit
    if beyond < 0:
        return case.now
    next_hour = case.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return next_hour + beyond * timedelta(hours=1) / limit


def _may_echo(case: Case, policy: Policy) -> bool:
    """Whether the letter may repeat what the sender wrote: only to himself, or to whom has proved that address (P12).

    What the sender's domain vouches for it does not vouch for another address that he names.
    """
    authentication = case.record.authentication
    if policy.letters.echo == "never" or authentication in ("fail", "rejected"):
        return False
    vouched = authentication == "pass" or (policy.letters.echo == "mail" and not case.unproven)
    return case.known.proved or (vouched and _answers_sender(case.record))


def _answers_sender(record: IntakeRecord) -> bool:
    answer_to = answer_address(record)
    same = answer_to and record.sender and answer_to.casefold() == record.sender.email.casefold()
    return bool(same)


def _episode(ticket: Ticket) -> str:
    return f"reopened-{ticket.reopened}" if ticket.reopened else "first"


def _escalation(case: Case, policy: Policy) -> tuple[Notice, ...]:
    ticket = case.ticket
    told, supervisor = facts.is_told(ticket, policy), policy.departments.get(ticket.department)
    if not told or supervisor is None or supervisor.supervisor is None:
        return ()
    notice = Notice(
        kind="escalation_internal",
        episode=_episode(ticket),
        rcpt=supervisor.supervisor,
        sender=answer_from(case.record, case.envelope, policy),
        language=policy.languages[0],
        due_at=case.now,
        facts=facts.of_escalation(case, policy, reason=", ".join(sorted(told))),
        received_at=case.received_at,
    )
    return (notice,)

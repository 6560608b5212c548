"""The letters that a person's verb owes: a reply at once, a result with its question outside the quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ingestd.model import Notice, Ticket
from ingestd.notices import facts
from ingestd.notices.case import Policy
from ingestd.notices.whom import is_plain


def result_owed(ticket: Ticket, policy: Policy, person: str, text: str, now: datetime, *, episode: str) -> Notice:
    """Return the ``result_confirm`` of a resolution, due when the quiet hours are over."""
    return _letter("result_confirm", ticket, policy, person, text, (now, after_quiet(now, policy)), episode)


def reply_owed(ticket: Ticket, policy: Policy, person: str, text: str, now: datetime, *, episode: str) -> Notice:
    """Return a person's ``reply``: it leaves at once, whatever the hour."""
    return _letter("reply", ticket, policy, person, text, (now, now), episode)


def after_quiet(now: datetime, policy: Policy) -> datetime:
    """Return ``now``, or the end of the quiet hours that ``now`` falls into."""
    if policy.letters.quiet is None:
        return now
    begins, ends = policy.letters.quiet
    local = now.astimezone(ZoneInfo(policy.timezone))
    clock = local.time().replace(tzinfo=None)
    is_quiet = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    if not is_quiet:
        return now
    end = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _letter(
    kind: str, ticket: Ticket, policy: Policy, person: str, text: str, times: tuple[datetime, datetime], episode: str
) -> Notice:
    rcpt = ticket.customer_email or ""
    return Notice(
        kind=kind,
        episode=episode,
        rcpt=rcpt,
        sender=ticket.answer_from or policy.default_sender,
        language=ticket.language,
        due_at=times[1],
        facts=facts.of_answer(ticket, policy, person, text, times[1]),
        withheld=None if is_plain(rcpt) else "no-answer-address",
        subject=ticket.subject,
        received_at=ticket.received_at,
        automatic=kind != "reply",
    )

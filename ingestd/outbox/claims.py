"""The two units of work of the sender: claim letters with all that writing them needs, and record how some ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingestd import journal, metrics, model
from ingestd.model import Change, Entry, Ticket
from ingestd.store import outbox, rows, tickets
from ingestd.store.outbox import Ended, Owed, Writer
from ingestd.store.session import Tx


@dataclass(frozen=True)
class Claim:
    """A claimed letter, its ticket, and the ids of its conversation."""

    owed: Owed
    ticket: Ticket | None
    thread: tuple[str, ...]


def claim(tx: Tx, holder: str, limit: int, now: datetime, carrying: Collection[str] = ()) -> tuple[Claim, ...]:
    """Claim up to ``limit`` due letters and read what belongs to them. ``carrying`` as in the outbox.

    Octets are fetched later, each letter's own: one that is lost must not stop the others.
    """
    claimed = outbox.claim(tx, holder, limit, now, carrying)
    found = rows.load(tx, [owed.ticket_no for owed in claimed if owed.ticket_no])
    threads = rows.thread_ids(tx, [owed.ticket_no for owed in claimed if not owed.notice.references])
    return tuple(Claim(owed, found.get(owed.ticket_no), threads.get(owed.ticket_no, ())) for owed in claimed)


def ended(tx: Tx, endings: Sequence[Ended], holder: str, writer: Writer) -> tuple[Ended, ...]:
    """Record how letters ended, and what that means for their tickets. Return those that were still ours."""
    mine = outbox.ended(tx, endings, holder)
    ours = tuple(one for one in endings if one.owed.mail_id in mine)
    telling = [one for one in ours if one.owed.ticket_no and (one.state == "failed" or _is_ack(one.owed))]
    known = rows.load(tx, [one.owed.ticket_no for one in telling], lock=True)
    for one in telling:
        ticket = known[one.owed.ticket_no]
        known[ticket.ticket_no] = tickets.apply(tx, ticket, _consequence(ticket, one), writer, one.at)
    return ours


def _is_ack(owed: Owed) -> bool:
    return owed.notice.kind.startswith("ack")


def _consequence(ticket: Ticket, ended: Ended) -> Change:
    owed, now = ended.owed, ended.at
    if ended.state == "sent":
        return model.acknowledged(ticket, now)
    data = (("letter", owed.notice.kind), ("rcpt", owed.notice.rcpt))
    entry = Entry(f"letter_{ended.state}", "system", now, text=ended.reason or "", data=data)
    change = model.acknowledged(ticket, now) if _is_ack(owed) else Change(ticket)
    return Change(change.ticket, (*change.entries, entry), (), change.queue)


def tell(ended: Ended) -> None:
    """Count the ending and write it into the journal."""
    owed, kind, now = ended.owed, ended.owed.notice.kind, ended.at
    metrics.letters.labels(kind, ended.state).inc()
    if ended.state != "sent":
        journal.letter_failed(owed.mail_id, kind, owed.ticket_no, f"{ended.state}: {ended.reason}")
        return
    late = owed.notice.deadline is not None and now > owed.notice.deadline
    seconds = (now - (owed.notice.received_at or owed.created_at)).total_seconds()
    if _is_ack(owed):
        metrics.ack_seconds.observe(max(seconds, 0.0))
    if late:
        metrics.late.labels(kind).inc()
    journal.letter_sent(owed.mail_id, kind, owed.ticket_no, late=late, seconds=seconds)

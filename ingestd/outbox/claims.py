"""The two units of work of the sender: claim letters with all that writing them needs, and record how one ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ingestd import journal, metrics, model
from ingestd.model import Change, Entry, Ticket
from ingestd.store import outbox, rows, tickets
from ingestd.store.outbox import Owed, Writer
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
    threads = outbox.thread_ids(tx, [owed.ticket_no for owed in claimed if not owed.notice.references])
    return tuple(Claim(owed, found.get(owed.ticket_no), threads.get(owed.ticket_no, ())) for owed in claimed)


def ended(tx: Tx, owed: Owed, holder: str, ending: tuple[str, str | None], writer: Writer, now: datetime) -> bool:
    """Record the ending, and what it means for the ticket. False when the letter is no longer ours."""
    state, reason = ending
    if not outbox.ended(tx, owed.mail_id, holder, state, reason, now):
        return False
    if owed.ticket_no and (state == "failed" or owed.notice.kind.startswith("ack")):
        tickets.change(tx, owed.ticket_no, lambda ticket: _consequence(ticket, owed, ending, now), writer, now)
    return True


def _consequence(ticket: Ticket, owed: Owed, ending: tuple[str, str | None], now: datetime) -> Change:
    state, reason = ending
    if state == "sent":
        return model.acknowledged(ticket, now)
    data = (("letter", owed.notice.kind), ("rcpt", owed.notice.rcpt))
    entry = Entry(f"letter_{state}", "system", now, text=reason or "", data=data)
    change = model.acknowledged(ticket, now) if owed.notice.kind.startswith("ack") else Change(ticket)
    return Change(change.ticket, (*change.entries, entry), (), change.queue)


def tell(owed: Owed, ending: tuple[str, str | None], now: datetime) -> None:
    """Count the ending and write it into the journal."""
    state, reason = ending
    kind = owed.notice.kind
    metrics.letters.labels(kind, state).inc()
    if state != "sent":
        journal.letter_failed(owed.mail_id, kind, owed.ticket_no, f"{state}: {reason}")
        return
    late = owed.notice.deadline is not None and now > owed.notice.deadline
    seconds = (now - (owed.notice.received_at or owed.created_at)).total_seconds()
    if kind.startswith("ack"):
        metrics.ack_seconds.observe(max(seconds, 0.0))
    if late:
        metrics.late.labels(kind).inc()
    journal.letter_sent(owed.mail_id, kind, owed.ticket_no, late=late, seconds=seconds)

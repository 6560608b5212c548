"""What people read: tickets with their history, decisions and letters, always within a scope.

``Scope`` is the one place where departments are walls (P30): every query for people goes through ``visible``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select

from ingestd.model import Entry, Ticket
from ingestd.store import rows, tables
from ingestd.store.session import Tx

MOST_ENTRIES, MOST_MESSAGES = 1_000, 100
"""Lines and messages of one file, the newest: a ticket that a loop was folded into has tens of thousands."""
_ticket, _reader = tables.ticket, tables.ticket_reader


@dataclass(frozen=True)
class Scope:
    """Whose eyes: one department, or None for an admin on the machine."""

    department: str | None = None

    def visible(self) -> ColumnElement[bool]:
        """The condition under which a ticket exists for these eyes."""
        if self.department is None:
            return _ticket.c.ticket_no.is_not(None)
        return exists().where(_reader.c.department == self.department, _reader.c.ticket_no == _ticket.c.ticket_no)


@dataclass(frozen=True)
class SentLetter:
    """A letter of the ticket, as far as it is written."""

    mail_id: str
    kind: str
    rcpt: str
    state: str
    reason: str | None
    due_at: datetime
    sent_at: datetime | None
    late: bool
    subject: str | None
    text: str | None
    message_id: str


@dataclass(frozen=True)
class Message:
    """An arrival of the ticket: what was read of it and what was decided, as the stored JSON objects."""

    intake_id: str
    accepted_at: datetime
    outcome: str
    raw_sha256: str
    size: int
    record: dict[str, Any]
    decision: dict[str, Any]


@dataclass(frozen=True)
class File:
    """Everything that is known of one ticket."""

    ticket: Ticket
    entries: tuple[Entry, ...]
    letters: tuple[SentLetter, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Filter:
    """What to list. ``after`` is the ticket number the page before ended with."""

    department: str | None = None
    state: str | None = None
    customer_email: str | None = None
    after: str | None = None
    limit: int = 50


def ticket(tx: Tx, number: str, scope: Scope) -> Ticket | None:
    """Return the ticket, or None: not there and not yours look the same."""
    row = tx.execute(select(_ticket).where(_ticket.c.ticket_no == number, scope.visible())).first()
    return rows.ticket_of(row) if row else None


def file_of(tx: Tx, number: str, scope: Scope) -> File | None:
    """Return the ticket with all that belongs to it, or None."""
    found = ticket(tx, number, scope)
    if found is None:
        return None
    return File(found, _entries(tx, number), _letters(tx, number), _messages(tx, number))


def tickets(tx: Tx, wanted: Filter, scope: Scope) -> tuple[Ticket, ...]:
    """Return a page of tickets, newest first. Its cost does not grow with the number of tickets (keyset)."""
    query, order = _narrowed(select(_ticket), wanted), _ticket.c.sort_key
    if scope.department is not None:  # the walk goes along the department's own index, however few tickets it has
        query = query.join(_reader, _reader.c.ticket_no == _ticket.c.ticket_no)
        query, order = query.where(_reader.c.department == scope.department), _reader.c.sort_key
    if wanted.after:
        query = query.where(order < rows.sort_key(wanted.after))
    page = query.order_by(order.desc()).limit(min(wanted.limit, 200))
    return tuple(rows.ticket_of(row) for row in tx.execute(page))


def raw_sha256(tx: Tx, number: str, scope: Scope, intake_id: str | None) -> str | None:
    """Return the digest of one message of a visible ticket: the first, or the one named."""
    arrival = tables.arrival.c
    query = select(arrival.raw_sha256).join(_ticket, _ticket.c.ticket_no == arrival.ticket_no)
    query = query.where(arrival.ticket_no == number, scope.visible()).order_by(arrival.accepted_at).limit(1)
    sha256: str | None = tx.execute(query.where(arrival.intake_id == intake_id) if intake_id else query).scalar()
    return sha256


def by_message_id(tx: Tx, message_id: str) -> tuple[Message, ...]:
    """Return the arrivals that carry this Message-ID, with or without a ticket (P38)."""
    wanted = (message_id, f"<{message_id.strip('<>')}>", message_id.strip("<>"))
    query = select(tables.arrival).where(tables.arrival.c.message_id.in_(wanted)).order_by(tables.arrival.c.accepted_at)
    return tuple(_message(row) for row in tx.execute(query.limit(20)))


def by_intake_id(tx: Tx, intake_id: str) -> Message | None:
    """Return one arrival."""
    row = tx.execute(select(tables.arrival).where(tables.arrival.c.intake_id == intake_id)).first()
    return _message(row) if row else None


def _narrowed(query: Select[Any], wanted: Filter) -> Select[Any]:
    conditions = {
        _ticket.c.department: wanted.department,
        _ticket.c.state: wanted.state,
        _ticket.c.customer_email: wanted.customer_email,
    }
    for column, value in conditions.items():
        query = query.where(column == value) if value else query
    return query


def _entries(tx: Tx, number: str) -> tuple[Entry, ...]:
    query = select(tables.entry).where(tables.entry.c.ticket_no == number).order_by(tables.entry.c.id.desc())
    newest_first = tx.execute(query.limit(MOST_ENTRIES)).all()
    return tuple(rows.entry_of(row) for row in reversed(newest_first))


def _letters(tx: Tx, number: str) -> tuple[SentLetter, ...]:
    box = tables.outbox.c
    query = select(tables.outbox).where(box.ticket_no == number).order_by(box.created_at, box.mail_id)
    return tuple(
        SentLetter(
            row.mail_id, row.kind, row.rcpt, row.state, row.reason, row.due_at, row.sent_at, row.late,
            row.letter_subject, row.letter_text, row.message_id,
        )
        for row in tx.execute(query)
    )  # fmt: skip


def _messages(tx: Tx, number: str) -> tuple[Message, ...]:
    arrival = tables.arrival.c
    query = select(tables.arrival).where(arrival.ticket_no == number).order_by(arrival.accepted_at.desc())
    return tuple(_message(row) for row in reversed(tx.execute(query.limit(MOST_MESSAGES)).all()))


def _message(row: Any) -> Message:
    return Message(
        row.intake_id, row.accepted_at, row.outcome, row.raw_sha256, row.size,
        json.loads(row.record or "{}"), json.loads(row.decision or "{}"),
    )  # fmt: skip

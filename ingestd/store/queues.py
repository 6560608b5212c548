"""The departments' queues: tickets waiting for a person, leased to whoever pulls them.

A lease that runs out puts the ticket back by itself: it is simply free to be pulled again, and the late caller's
lease id no longer fits anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ingestd.errors import Conflict
from ingestd.model import Ticket
from ingestd.store import rows, tables
from ingestd.store.prepared import Prepared
from ingestd.store.session import Tx

FAR = timedelta(days=365)
"""The deadline of a ticket without one: behind all that have one."""
_item = tables.queue_item
_FRESH = [column.name for column in _item.c if column.name != "ticket_no"]
_INTO_POSTGRES, _INTO_SQLITE = postgres_insert(_item), sqlite_insert(_item)
_PUT = Prepared(
    _INTO_SQLITE.on_conflict_do_update(
        index_elements=[_item.c.ticket_no], set_={name: _INTO_SQLITE.excluded[name] for name in _FRESH}
    ),
    _INTO_POSTGRES.on_conflict_do_update(
        index_elements=[_item.c.ticket_no], set_={name: _INTO_POSTGRES.excluded[name] for name in _FRESH}
    ),
)


@dataclass(frozen=True)
class QueueLease:
    """A pulled ticket: until ``expires_at`` nobody else gets it."""

    lease_id: str
    expires_at: datetime
    ticket: Ticket
    why: str


@dataclass(frozen=True)
class QueueCount:
    """How much waits in a department, how much is leased, and since when the oldest waits."""

    department: str
    waiting: int
    leased: int
    oldest: datetime | None


def apply(tx: Tx, ticket: Ticket, queue: str, now: datetime) -> None:
    """Do to the queue what a change asks: keep it, take the ticket out, or put it in again with a reason."""
    if queue == "keep":
        return
    if queue == "leave":
        tx.execute(delete(_item).where(_item.c.ticket_no == ticket.ticket_no))
        return
    if queue == "message" and _still_leased(tx, ticket.ticket_no, now):
        return
    fresh = {
        "department": ticket.department,
        "why": queue,
        "priority": ticket.priority,
        "deadline": ticket.prelim_due or ticket.response_due or now + FAR,
        "since": now,
        "lease_id": None,
        "leased_by": None,
        "lease_expires_at": None,
        "announced": False,
    }
    tx.put(_PUT, {"ticket_no": ticket.ticket_no, **fresh})
    tx.signal("queue")


def _still_leased(tx: Tx, ticket_no: str, now: datetime) -> bool:
    """Whether somebody works on it right now: another mail of the customer does not take it out of his hands."""
    held = (_item.c.ticket_no == ticket_no, _item.c.lease_expires_at > now)
    marked = tx.execute(update(_item).where(*held).values(why="message"))
    tx.signal("queue")
    return marked.rowcount == 1


def pull(tx: Tx, department: str, person: str, limit: int, term: timedelta, now: datetime) -> tuple[QueueLease, ...]:
    """Lease up to ``limit`` waiting tickets, by priority, then deadline, then age."""
    chosen = tx.execute(
        select(_item.c.ticket_no, _item.c.why)
        .where(_item.c.department == department, _free(now))
        .order_by(_item.c.priority, _item.c.deadline, _item.c.since)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    tickets = rows.load(tx, [row.ticket_no for row in chosen])
    return tuple(_lease(tx, row, tickets[row.ticket_no], person, now + term) for row in chosen)


def _lease(tx: Tx, row: Row[Any], ticket: Ticket, person: str, expires_at: datetime) -> QueueLease:
    lease_id = secrets.token_hex(16)  # on a command line an id must not begin with a dash
    tx.execute(
        update(_item)
        .where(_item.c.ticket_no == row.ticket_no)
        .values(lease_id=lease_id, leased_by=person, lease_expires_at=expires_at)
    )
    return QueueLease(lease_id, expires_at, ticket, row.why)


def extend(tx: Tx, lease_id: str, departments: Sequence[str] | None, term: timedelta, now: datetime) -> datetime:
    """Prolong a lease. Raise Conflict when it has expired or is not yours; then nothing changes."""
    _held(tx, lease_id, departments, now)
    tx.execute(update(_item).where(_item.c.lease_id == lease_id).values(lease_expires_at=now + term))
    return now + term


def give_back(tx: Tx, lease_id: str, departments: Sequence[str] | None, now: datetime) -> str:
    """Return a leased ticket to its queue, marked ``returned``; answer its number. Raise Conflict as ``extend``."""
    ticket_no = _held(tx, lease_id, departments, now)
    tx.execute(
        update(_item)
        .where(_item.c.lease_id == lease_id)
        .values(lease_id=None, leased_by=None, lease_expires_at=None, why="returned", announced=False)
    )
    tx.signal("queue")
    return ticket_no


def ticket_of_lease(tx: Tx, lease_id: str, departments: Sequence[str] | None, now: datetime) -> str:
    """Return the number of the leased ticket. Raise Conflict as ``extend``."""
    return _held(tx, lease_id, departments, now)


def _held(tx: Tx, lease_id: str, departments: Sequence[str] | None, now: datetime) -> str:
    scope = [] if departments is None else [_item.c.department.in_(departments)]
    query = select(_item.c.ticket_no).where(_item.c.lease_id == lease_id, _item.c.lease_expires_at > now, *scope)
    ticket_no: str | None = tx.execute(query.with_for_update()).scalar()
    if ticket_no is None:
        raise Conflict("this lease has ended; pull again", code="lease-ended")
    return ticket_no


def counts(tx: Tx, departments: Sequence[str] | None, now: datetime) -> tuple[QueueCount, ...]:
    """Return the size of each department's queue; departments without work are left out."""
    free = _free(now)
    query = select(
        _item.c.department,
        func.count().filter(free).label("waiting"),
        func.count().filter(~free).label("leased"),
        func.min(_item.c.since).label("oldest"),
    ).group_by(_item.c.department)
    if departments is not None:
        query = query.where(_item.c.department.in_(departments))
    return tuple(QueueCount(row.department, row.waiting, row.leased, row.oldest) for row in tx.execute(query))


def waiting(tx: Tx, department: str, limit: int, now: datetime) -> tuple[tuple[str, str, bool], ...]:
    """Return (ticket number, why, leased) in the order of pulling, without leasing anything."""
    query = select(_item.c.ticket_no, _item.c.why, _free(now).label("free")).where(_item.c.department == department)
    query = query.order_by(_item.c.priority, _item.c.deadline, _item.c.since).limit(limit)
    return tuple((row.ticket_no, row.why, not row.free) for row in tx.execute(query))


def unannounced(tx: Tx, before: datetime, limit: int) -> dict[str, list[tuple[str, str]]]:
    """Return (number, why) of work that no notice has told of yet, by department, if the oldest is old enough."""
    query = select(_item.c.department, _item.c.ticket_no, _item.c.why, _item.c.since)
    query = query.where(~_item.c.announced).order_by(_item.c.since).limit(limit).with_for_update(skip_locked=True)
    found: dict[str, list[tuple[str, str]]] = {}
    due: set[str] = set()
    for row in tx.execute(query):
        found.setdefault(row.department, []).append((row.ticket_no, row.why))
        if row.since <= before:
            due.add(row.department)
    return {department: items for department, items in found.items() if department in due}


def announce(tx: Tx, numbers: Sequence[str]) -> None:
    """Note that these tickets have been told of."""
    tx.execute(update(_item).where(_item.c.ticket_no.in_(numbers)).values(announced=True))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(_item.c.lease_id.is_(None), and_(_item.c.lease_expires_at <= now))

"""Tickets and entries to rows and back: the columns bear the names of the fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row, and_, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ingestd.model import Entry, State, Ticket
from ingestd.store import tables
from ingestd.store.prepared import Prepared, Rows, among
from ingestd.store.session import Tx
from ingestd.store.types import in_json

REFERENCES = 20
"""Ids in References: clients look at the last ones."""
_FIELDS = tuple(field.name for field in fields(Ticket))
_ticket = tables.ticket
_INSERT_TICKET = Prepared(insert(_ticket))
_numbered, _numbered_there = (
    select(_ticket).where(among(_ticket.c.ticket_no, "numbers", postgres=postgres)) for postgres in (False, True)
)
_LOAD = Prepared(_numbered, _numbered_there)
_LOAD_LOCKED = Prepared(_numbered, _numbered_there.order_by(_ticket.c.ticket_no).with_for_update())
_UPDATE_TICKET = Prepared(update(_ticket).where(_ticket.c.ticket_no == bindparam("key")))
_READERS = Rows(
    tables.ticket_reader,
    lambda table, postgres: (postgres_insert if postgres else sqlite_insert)(table).on_conflict_do_nothing(),
)
_ENTRIES = Rows(tables.entry, lambda table, _: insert(table).inline())
_REFS = Rows(tables.message_ref, lambda table, _: insert(table).inline())


_NUMBER = re.compile(r"[A-Za-z]{1,4}(\d{8})(\d{1,9})")


def sort_key(ticket_no: str) -> int:
    """Return what numbers sort by: the day, then the run, which is wider than three digits on a busy day."""
    digits = _NUMBER.fullmatch(ticket_no)
    return int(digits[1]) * 10**9 + int(digits[2]) if digits else 0


def ticket_of(row: Any) -> Ticket:
    """Make the ticket that a row of the ticket table holds."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return Ticket(**{**values, "state": State(values["state"])})


def load(tx: Tx, numbers: Sequence[str], *, lock: bool = False) -> dict[str, Ticket]:
    """Return the tickets with these numbers; unknown numbers are left out. ``lock`` holds them to the commit."""
    if not numbers:
        return {}
    found = tx.run(_LOAD_LOCKED if lock else _LOAD, {"numbers": numbers}).rows
    return {row.ticket_no: ticket_of(row) for row in found}


def insert_ticket(tx: Tx, ticket: Ticket, now: datetime) -> None:
    """Write a new ticket, and who reads along."""
    tx.put(_INSERT_TICKET, _values(ticket, now))
    _write_readers(tx, ticket)


def update_ticket(tx: Tx, ticket: Ticket, now: datetime, *, before: Ticket | None = None) -> None:
    """Write a changed ticket; only what differs from ``before`` where that is known. Its number never changes."""
    values = _values(ticket, now)
    if before is not None:
        known = _values(before, now)
        values = {name: value for name, value in values.items() if value != known[name] or name == "changed_at"}
    tx.put(_UPDATE_TICKET, {"key": ticket.ticket_no, **values})
    if before is None or {"department", "co_departments"} & values.keys():
        _write_readers(tx, ticket)


def _values(ticket: Ticket, now: datetime) -> Mapping[str, Any]:
    values = {name: getattr(ticket, name) for name in _FIELDS}
    derived = {"sort_key": sort_key(ticket.ticket_no), "contact": ticket.contact, "changed_at": now}
    return {**values, "state": ticket.state.value, **derived}


def _write_readers(tx: Tx, ticket: Ticket) -> None:
    """Let its department and its co-queues see it. Who once saw a ticket goes on seeing it."""
    readers, key = dict.fromkeys((ticket.department, *ticket.co_departments)), sort_key(ticket.ticket_no)
    rows = [{"department": reader, "ticket_no": ticket.ticket_no, "sort_key": key} for reader in readers]
    tx.put_rows(_READERS, rows)


def insert_entries(tx: Tx, ticket_no: str, entries: Sequence[Entry]) -> None:
    """Add lines to the history; the database itself refuses to change or remove one later."""
    rows = [
        {
            "ticket_no": ticket_no,
            "at": entry.at,
            "kind": entry.kind,
            "actor": entry.actor,
            "text": entry.text,
            "data": in_json(dict(entry.data)),
            "intake_id": entry.intake_id,
            "internal": entry.internal,
        }
        for entry in entries
    ]
    tx.put_rows(_ENTRIES, rows)


def remember_ids(tx: Tx, ticket_no: str, received: str | None, sent: Sequence[str]) -> None:
    """Remember Message-IDs of a ticket's conversation: replies to them find it."""
    directions = [("in", received)] if received else []
    directions += [("out", message_id) for message_id in sent]
    rows = [{"message_id": one, "ticket_no": ticket_no, "direction": direction} for direction, one in directions]
    tx.put_rows(_REFS, rows)


def thread_ids(tx: Tx, numbers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the Message-IDs of each ticket's conversation, oldest first: what References of a letter names."""
    found: dict[str, list[str]] = {}
    for row in tx.run(_THREADS, {"numbers": numbers}).rows:
        found.setdefault(row.ticket_no, []).append(row.message_id)
    return {number: tuple(ids[-REFERENCES:]) for number, ids in found.items()}


def _threads(*, postgres: bool) -> Executable:
    ref = tables.message_ref.c
    ours = and_(among(ref.ticket_no, "numbers", postgres=postgres), ref.direction == "in")
    return select(ref.ticket_no, ref.message_id).where(ours).order_by(ref.id)


_THREADS = Prepared(_threads(postgres=False), _threads(postgres=True))


def entry_of(row: Row[Any]) -> Entry:
    """Make the entry that a row of the entry table holds."""
    data = tuple(json.loads(row.data).items())
    return Entry(row.kind, row.actor, row.at, row.text, data, row.intake_id, row.internal)

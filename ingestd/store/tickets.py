"""The unit of work of one arrival, and the verbs of people: each is one transaction, each may safely run again.

``record`` reads what bears on the arrival, lets the caller decide, and writes ticket, entry, decision, notices and
outcome together. An arrival that has its outcome already is answered with it and nothing is written (P3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, insert, select, update

from ingestd.errors import NotFound
from ingestd.model import Change, Decided, Known, Outcome, Ticket
from ingestd.store import known, outbox, queues, rows, tables
from ingestd.store.counters import next_values
from ingestd.store.known import Questions
from ingestd.store.naming import Naming
from ingestd.store.prepared import Prepared
from ingestd.store.session import Tx

NUMBER_DIGITS = 3
"""A day's run of numbers begins with three digits and widens past 999 instead of wrapping."""

_arrival = tables.arrival.c
_OUTCOME = Prepared(
    select(_arrival.outcome, _arrival.ticket_no, _arrival.reason, _arrival.owner)
    .where(_arrival.intake_id == bindparam("intake_id"))
    .with_for_update()
)
_FINISH = Prepared(update(tables.arrival).where(_arrival.intake_id == bindparam("this_id")))
_INSERT_CUSTOMER = Prepared(insert(tables.customer))


@dataclass(frozen=True)
class Recorded:
    """What became of an arrival. ``repeated``: it had been recorded before, nothing was written now."""

    outcome: Outcome
    ticket_no: str | None = None
    reason: str | None = None
    department: str | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Understood:
    """The arrival to be recorded: its id, what was asked about it, and the record as JSON."""

    intake_id: str
    questions: Questions
    record: str


def record(
    tx: Tx,
    holder: str,
    understood: Understood,
    decide: Callable[[Known], Decided],
    writer: outbox.Writer,
    now: datetime,
) -> Recorded:
    """Decide one arrival and write all that follows from it. See the module."""
    settled = _settled(tx, understood.intake_id, holder)
    if settled is not None:
        return settled
    facts = known.ask(tx, understood.questions, understood.intake_id, now)
    decided = decide(facts)
    ticket = _write_ticket(tx, decided, understood, facts, writer, now)
    _finish(tx, understood, facts, decided, ticket, now)
    if ticket is None:
        return Recorded(decided.outcome, None, decided.reason)
    return Recorded(decided.outcome, ticket.ticket_no, decided.reason, ticket.department)


def _settled(tx: Tx, intake_id: str, holder: str) -> Recorded | None:
    row = tx.run(_OUTCOME, {"intake_id": intake_id}).first()
    if row is None:
        raise NotFound("there is no such arrival", code="no-arrival")
    if row.outcome != "pending" or row.owner != holder:
        return Recorded(row.outcome, row.ticket_no, row.reason, repeated=True)
    return None


def _write_ticket(
    tx: Tx, decided: Decided, understood: Understood, facts: Known, writer: outbox.Writer, now: datetime
) -> Ticket | None:
    outbox.owe(tx, None, decided.alerts, writer, now)
    if decided.ticket is None:
        return None
    ticket = decided.ticket
    if ticket.ticket_no:
        rows.update_ticket(tx, ticket, now)
    else:
        ticket = _numbered(tx, ticket, facts.customer_no, writer.naming, now)
        rows.insert_ticket(tx, ticket, now)
    rows.insert_entries(tx, ticket.ticket_no, decided.entries)
    sent = outbox.owe(tx, ticket, decided.notices, writer, now)
    rows.remember_ids(tx, ticket.ticket_no, understood.questions.message_id, sent)
    queues.apply(tx, ticket, decided.queue, now)
    if decided.proves:
        prove(tx, decided.proves, now)
    return ticket


def _finish(
    tx: Tx, understood: Understood, facts: Known, decided: Decided, ticket: Ticket | None, now: datetime
) -> None:
    asked = understood.questions
    values = {
        "this_id": understood.intake_id,
        "outcome": decided.outcome,
        "reason": decided.reason,
        "ticket_no": ticket.ticket_no if ticket else None,
        "department": ticket.department if ticket else None,
        "message_id": asked.message_id,
        "message_key": None if facts.duplicate_of else asked.message_key,
        "duplicate_of": facts.duplicate_of,
        "sender": asked.sender,
        "sender_domain": asked.sender_domain,
        "text_key": asked.text_key,
        "record": understood.record,
        "decision": decided.explanation,
        "stage": "recorded",
        "owner": None,
        "finished_at": now,
    }
    tx.put(_FINISH, values)


def _numbered(tx: Tx, ticket: Ticket, customer_no: str | None, naming: Naming, now: datetime) -> Ticket:
    """Number the ticket and, at first contact, the customer. The number he gave himself stands in the ticket."""
    day = now.astimezone(ZoneInfo(naming.timezone)).strftime("%Y%m%d")
    email = ticket.customer_email and ticket.customer_email.casefold()
    is_new = email is not None and customer_no is None
    run, *first = next_values(tx, [f"ticket:{day}", *([f"customer:{day}"] if is_new else [])])
    if is_new:
        customer_no = f"{naming.customer_prefix}{day}{first[0]:0{NUMBER_DIGITS}d}"
        tx.put(_INSERT_CUSTOMER, {"email": email, "customer_no": customer_no, "first_seen_at": now})
    number = f"{naming.prefix}{day}{run:0{NUMBER_DIGITS}d}"
    return replace(ticket, ticket_no=number, customer_no=ticket.customer_no or (customer_no if email else None))


def prove(tx: Tx, address: str, now: datetime) -> None:
    """Note that this address answered with a token of ours: it has proved itself (P12)."""
    customer = tables.customer
    known_as = customer.c.email == address.casefold()
    tx.execute(update(customer).where(known_as, customer.c.proved_at.is_(None)).values(proved_at=now))


def change(tx: Tx, ticket_no: str, verb: Callable[[Ticket], Change], writer: outbox.Writer, now: datetime) -> Ticket:
    """Apply a person's verb to a ticket. Raise NotFound, or what the verb raises; then nothing is written."""
    ticket = rows.load(tx, [ticket_no], lock=True).get(ticket_no)
    if ticket is None:
        raise NotFound(f"there is no ticket {ticket_no}", code="no-ticket")
    return apply(tx, ticket, verb(ticket), writer, now)


def apply(tx: Tx, ticket: Ticket, changed: Change, writer: outbox.Writer, now: datetime) -> Ticket:
    """Write what a change makes of a ticket, which must be held locked as it was loaded."""
    if changed == Change(ticket):
        return ticket
    rows.update_ticket(tx, changed.ticket, now, before=ticket)
    rows.insert_entries(tx, ticket.ticket_no, changed.entries)
    sent = outbox.owe(tx, changed.ticket, changed.notices, writer, now)
    rows.remember_ids(tx, ticket.ticket_no, None, sent)
    queues.apply(tx, changed.ticket, changed.queue, now)
    return changed.ticket


def count_entries(tx: Tx, ticket_no: str, kind: str) -> int:
    """Return how many lines of this kind the history has: the episode of the next letter."""
    entry = tables.entry.c
    query = select(func.count()).where(entry.ticket_no == ticket_no, entry.kind == kind)
    number: int = tx.execute(query).scalar_one()
    return number

"""Every change of a ticket as a pure function: time comes in as an argument, a change makes a new value.

The table ``MOVES`` says which state may follow which; these verbs are the only way from one to another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ingestd.errors import Conflict, Permanent
from ingestd.model.deciding import Notice
from ingestd.model.states import CLOSED, MOVES, STATES, State
from ingestd.model.ticket import Entry, Ticket


@dataclass(frozen=True)
class Change:
    """What a verb makes of a ticket: the new value, the history it writes, the letters it owes, and the queue.

    ``queue`` is ``"keep"``, ``"leave"`` (out of the queue) or the reason for which the ticket is put into it again.
    """

    ticket: Ticket
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    queue: str = "keep"


def _moved(ticket: Ticket, to: State) -> Ticket:
    if ticket.state == to:
        return ticket
    if to not in MOVES[ticket.state]:
        raise Conflict(
            f"ticket {ticket.ticket_no} is {STATES[ticket.state].english}; it cannot become {STATES[to].english}",
            code="state",
        )
    return replace(ticket, state=to)


def _pairs(**values: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in values.items() if value)


def _required(**values: str) -> None:
    missing = [name for name, value in values.items() if not value.strip()]
    if missing:
        raise Permanent(f"missing: {', '.join(missing)}; give a value for each", code="missing")


def _refuse_closed(ticket: Ticket) -> None:
    if ticket.state in CLOSED or ticket.state == State.MERGED:
        raise Conflict(f"ticket {ticket.ticket_no} is closed; reopen it first", code="state")


def acknowledged(ticket: Ticket, at: datetime) -> Change:
    """The ack was handed over: a new ticket becomes acknowledged and, being routed, assigned. Others stay."""
    if ticket.state != State.NEW:
        return Change(ticket)
    moved = replace(_moved(_moved(ticket, State.ACKNOWLEDGED), State.ASSIGNED), accepted_at=ticket.accepted_at or at)
    entry = Entry("acknowledged", "system", at, data=_pairs(state=State.ASSIGNED))
    return Change(moved, (entry,))


def assigned(ticket: Ticket, at: datetime) -> Ticket:
    """A new ticket whose ack is withheld goes straight to its department."""
    return replace(_moved(ticket, State.ASSIGNED), accepted_at=ticket.accepted_at or at)


def take(ticket: Ticket, person: str, at: datetime) -> Change:
    """A person takes the ticket over: out of the queue, in progress."""
    _refuse_closed(ticket)
    moved = replace(_moved(ticket, State.IN_PROGRESS), accepted_by=person, accepted_at=ticket.accepted_at or at)
    return Change(moved, (Entry("taken", person, at),), queue="leave")


def transfer(ticket: Ticket, person: str, department: str, contact: str, note: str, at: datetime) -> Change:
    """Hand the ticket to another department. All three of department, contact and note are needed."""
    _required(department=department, contact=contact, note=note)
    _refuse_closed(ticket)
    if department == ticket.department:
        raise Conflict(f"ticket {ticket.ticket_no} is already with {department}", code="same-department")
    moved = replace(
        _moved(ticket, State.ASSIGNED),
        department=department,
        dept_contact=contact,
        transfer_note=note,
        accepted_by=None,
        co_departments=tuple(d for d in (*ticket.co_departments, ticket.department) if d != department),
    )
    data = _pairs(**{"from": ticket.department, "to": department, "contact": contact})
    return Change(moved, (Entry("transferred", person, at, text=note, data=data),), queue="transfer")


def note(ticket: Ticket, person: str, text: str, at: datetime) -> Change:
    """Write an internal note. The customer never sees it."""
    _required(text=text)
    return Change(ticket, (Entry("note", person, at, text=text),))


def reply(ticket: Ticket, person: str, text: str, solution: bool, at: datetime, *, reads_along: bool = False) -> Change:
    """A person answers the customer. A solution waits for the customer's word.

    Whoever only ``reads_along`` writes, and the ticket stays where it is: with its own department, in its queue.
    """
    _required(text=text)
    if reads_along:
        _refuse_closed(ticket)
        return Change(ticket, (Entry("reply", person, at, text=text, internal=False),))
    _refuse_closed(ticket)
    target = State.AWAITING_CONFIRM if solution else State.IN_PROGRESS
    moved = replace(
        _moved(ticket, target),
        responded_at=ticket.responded_at or at,
        accepted_at=ticket.accepted_at or at,
        accepted_by=ticket.accepted_by or person,
    )
    kind = "solution" if solution else "reply"
    return Change(moved, (Entry(kind, person, at, text=text, internal=False),), queue="leave")


def resolve(ticket: Ticket, person: str, text: str, confirmed: bool, at: datetime) -> Change:
    """Close the matter with a note: ask the customer first, or not when he has already said yes (``confirmed``)."""
    _required(note=text)
    if ticket.state in CLOSED:
        raise Conflict(f"ticket {ticket.ticket_no} is already resolved", code="state")
    target = State.RESOLVED if confirmed else State.AWAITING_CONFIRM
    moved = replace(
        _moved(ticket, target),
        resolution=text,
        responded_at=ticket.responded_at or at,
        accepted_at=ticket.accepted_at or at,
        accepted_by=ticket.accepted_by or person,
        resolved_at=at if confirmed else None,
    )
    data = _pairs(confirmed="yes" if confirmed else "no")
    return Change(moved, (Entry("resolution", person, at, text=text, data=data),), queue="leave")


def reopen(ticket: Ticket, actor: str, reason: str, at: datetime) -> Change:
    """Take a closed ticket up again. Its priority is never lowered and it waits in its queue once more."""
    if ticket.state not in CLOSED and ticket.state not in (State.AWAITING_CONFIRM, State.MERGED):
        raise Conflict(f"ticket {ticket.ticket_no} is still open", code="state")
    moved = replace(
        _moved(ticket, State.IN_PROGRESS),
        reopened=ticket.reopened + 1,
        escalation=max(ticket.escalation, 1),
        resolved_at=None,
        followed_up_at=None,
        archived_at=None,
    )
    return Change(moved, (Entry("reopened", actor, at, text=reason),), queue="reopened")


def appended(ticket: Ticket, entry: Entry, at: datetime) -> Change:
    """A message of the customer joins the ticket: it reopens a closed one, and it is work for the queue again."""
    if ticket.state in CLOSED:
        reopened = reopen(ticket, "customer", "new message", at)
        return replace(reopened, entries=(entry, *reopened.entries))
    if ticket.state == State.AWAITING_CONFIRM:
        return Change(_moved(ticket, State.IN_PROGRESS), (entry,), queue="message")
    return Change(ticket, (entry,), queue="message")

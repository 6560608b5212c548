"""The matter itself: tickets, their history, routes and notices, and every change of state as a pure function.

Nothing here reads a clock, a database or a file: time comes in as an argument, a change makes a new value. The life
cycle is the table ``STATES`` and the table ``MOVES``; the verbs below are the only way from one state to another.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from ingestd.errors import Conflict, Permanent
from responders.letter import Facts

PriorityLevel = Literal["P0", "P1", "P2"]
EmotionValue = Literal["平静", "不满", "愤怒", "焦虑"]
Outcome = Literal["pending", "created", "appended", "duplicate", "suppressed", "parked"]
CategoryL1 = Literal["consult", "fault", "complaint", "aftersales", "suggestion", "emergency"]
TRIAGE = "triage"


class State(StrEnum):
    """Where a ticket stands in its life."""

    SUPPRESSED = "suppressed"
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    NEED_INFO = "need_info"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    AWAITING_CONFIRM = "awaiting_confirm"
    RESOLVED = "resolved"
    FOLLOWED_UP = "followed_up"
    ARCHIVED = "archived"
    MERGED = "merged"


@dataclass(frozen=True)
class StateFacts:
    """What a state means: its Chinese and English name, its phase of the closed loop, its word in column ⑬."""

    chinese: str
    english: str
    phase: str | None
    status: str | None


STATES: dict[State, StateFacts] = {
    State.SUPPRESSED: StateFacts("已抑制", "suppressed", None, None),
    State.NEW: StateFacts("待受理", "new", "受理", "处理中"),
    State.ACKNOWLEDGED: StateFacts("已受理", "acknowledged", "受理", "处理中"),
    State.NEED_INFO: StateFacts("待补充", "waiting for details", "受理", "处理中"),
    State.ASSIGNED: StateFacts("已转派", "assigned", "处理", "处理中"),
    State.IN_PROGRESS: StateFacts("处理中", "in progress", "处理", "处理中"),
    State.AWAITING_CONFIRM: StateFacts("待确认", "waiting for confirmation", "反馈", "处理中"),
    State.RESOLVED: StateFacts("已解决", "resolved", "反馈", "已解决"),
    State.FOLLOWED_UP: StateFacts("已回访", "followed up", "反馈", "已解决"),
    State.ARCHIVED: StateFacts("已归档", "archived", "归档", "已解决"),
    State.MERGED: StateFacts("已合并", "merged", "归档", "已解决"),
}

_WORK = {State.IN_PROGRESS, State.AWAITING_CONFIRM, State.RESOLVED, State.MERGED, State.SUPPRESSED}
MOVES: dict[State, frozenset[State]] = {
    State.SUPPRESSED: frozenset({State.NEW}),
    State.NEW: frozenset({State.ACKNOWLEDGED, State.ASSIGNED, *_WORK}),
    State.ACKNOWLEDGED: frozenset({State.NEED_INFO, State.ASSIGNED, *_WORK}),
    State.NEED_INFO: frozenset({State.ASSIGNED, *_WORK}),
    State.ASSIGNED: frozenset({State.NEED_INFO, *_WORK}),
    State.IN_PROGRESS: frozenset({State.ASSIGNED, State.NEED_INFO, *_WORK}),
    State.AWAITING_CONFIRM: frozenset({State.ASSIGNED, *_WORK}),
    State.RESOLVED: frozenset({State.FOLLOWED_UP, State.IN_PROGRESS, State.ARCHIVED, State.MERGED}),
    State.FOLLOWED_UP: frozenset({State.IN_PROGRESS, State.ARCHIVED, State.MERGED}),
    State.ARCHIVED: frozenset({State.IN_PROGRESS}),
    State.MERGED: frozenset({State.IN_PROGRESS}),
}
CLOSED = frozenset({State.RESOLVED, State.FOLLOWED_UP, State.ARCHIVED})
"""States that a new mail of the customer ends: the ticket is reopened."""


@dataclass(frozen=True)
class RuleHit:
    """One rule that spoke: the words it found, where (``subject``, ``text``, ``sender``, ``recipient``, ``header``),
    its score, and the hits that a negation dropped."""

    id: str
    words: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    score: float = 0.0
    negated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """The department that answers, those that read along, the class of the matter, and the rules that spoke."""

    department: str = TRIAGE
    co_queues: tuple[str, ...] = ()
    category_l1: CategoryL1 = "consult"
    category_l2: str | None = None
    rules: tuple[RuleHit, ...] = ()


@dataclass(frozen=True)
class Priority:
    """The level and every input that made it (``core_function``, ``money_loss``, ``department default``, …)."""

    level: PriorityLevel = "P2"
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Emotion:
    """How the customer feels, and the words that say so."""

    value: EmotionValue = "平静"
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Routing:
    """All that ``routing.decide`` says about a record."""

    route: Route = Route()
    priority: Priority = Priority()
    emotion: Emotion = Emotion()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Department:
    """Who answers. ``name`` and ``supervisor``/``notify`` (plain addresses) come from the config."""

    id: str
    name: str
    name_en: str
    supervisor: str | None = None
    notify: str | None = None


@dataclass(frozen=True)
class Ticket:
    """The matter. ``ticket_no`` is empty until the store allots it. Times are timezone-aware UTC."""

    ticket_no: str
    state: State
    department: str
    subject: str
    customer_email: str | None
    received_at: datetime
    priority: PriorityLevel = "P2"
    emotion: EmotionValue = "平静"
    category_l1: CategoryL1 = "consult"
    category_l2: str | None = None
    co_departments: tuple[str, ...] = ()
    customer_name: str | None = None
    honorific: str | None = None
    customer_no: str | None = None
    phones: tuple[str, ...] = ()
    order_nos: tuple[str, ...] = ()
    error_code: str | None = None
    occurred_at: str | None = None
    description: str = ""
    language: str = "zh-CN"
    answer_from: str | None = None
    door: str = "smtp"
    attachments: tuple[str, ...] = ()
    escalation: int = 0
    accepted_by: str | None = None
    dept_contact: str | None = None
    transfer_note: str | None = None
    resolution: str | None = None
    response_due: datetime | None = None
    prelim_due: datetime | None = None
    accepted_at: datetime | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    followed_up_at: datetime | None = None
    archived_at: datetime | None = None
    reopened: int = 0
    related: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One line of a ticket's history. ``actor`` is ``customer``, ``system`` or a person's name; ``note`` is for people.

    ``text`` is what was said (a reply, a note); ``data`` are stable ``(key, value)`` pairs for programs.
    """

    kind: str
    actor: str
    at: datetime
    text: str = ""
    data: tuple[tuple[str, str], ...] = ()
    intake_id: str | None = None
    internal: bool = True


@dataclass(frozen=True)
class Notice:
    """A letter owed, or withheld with its reason. At most one per (ticket, kind, episode), whatever crashes.

    ``due_at`` is when it may leave, ``deadline`` the end of the response window (after it the letter says that it is
    late). ``sender`` is the address that was written to. ``ticket_no`` inside ``facts`` is filled when it is written.
    """

    kind: str
    episode: str
    rcpt: str
    sender: str
    language: str
    due_at: datetime
    deadline: datetime | None = None
    facts: Facts = field(default_factory=Facts)
    withheld: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    subject: str | None = None
    received_at: datetime | None = None
    automatic: bool = True


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


def reply(ticket: Ticket, person: str, text: str, solution: bool, at: datetime) -> Change:
    """A person answers the customer. A solution waits for the customer's word."""
    _required(text=text)
    _refuse_closed(ticket)
    target = State.AWAITING_CONFIRM if solution else State.IN_PROGRESS
    moved = replace(
        _moved(ticket, target), responded_at=ticket.responded_at or at, accepted_by=ticket.accepted_by or person
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


@dataclass(frozen=True)
class Withheld:
    """A letter that is not owed, and why: a stable code and a sentence (P38)."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Decided:
    """Everything decided about one arrival; the store writes it in one transaction.

    ``ticket`` is the new ticket (without number), the changed one, or None. ``explanation`` is the public decision
    record as JSON text. ``participants`` are the addresses that may speak in the conversation from now on.
    """

    outcome: Outcome
    reason: str | None = None
    ticket: Ticket | None = None
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    queue: str = "keep"
    explanation: str = "{}"
    participants: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()

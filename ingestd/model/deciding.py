"""What is known, decided and owed about one arrival: the values between the rooms that think and the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ingestd.model.ticket import TRIAGE, CategoryL1, EmotionValue, Entry, PriorityLevel, Ticket
from responders.letter import Facts

Outcome = Literal["pending", "created", "appended", "duplicate", "suppressed", "parked"]


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
class Budget:
    """How many automatic letters went out lately: to this address, to its domain, and in all."""

    address_hour: int = 0
    address_day: int = 0
    domain_hour: int = 0
    domain_day: int = 0
    domain_recent: int = 0
    all_hour: int = 0


@dataclass(frozen=True)
class Known:
    """What the store knows that bears on one arrival, read inside the transaction that decides it.

    ``duplicate_of`` is the first arrival with the same message key; ``same_id`` one with the same Message-ID and
    other content. ``by_token``, ``by_reference`` and ``by_tag`` are tickets in the order of the questions asked.
    ``answers`` counts arrivals of the same text from the same domain within the hour, each after our ack (P11);
    ``echo_ticket`` is the ticket of the last of them. ``proved`` says that the address to be answered once answered
    with a token. ``bounced`` is the ticket of the letter that came back to our return path.
    ``customer_no`` is the number under which the customer is known.
    """

    duplicate_of: str | None = None
    same_id: str | None = None
    by_token: tuple[Ticket, ...] = ()
    by_reference: tuple[Ticket, ...] = ()
    by_tag: tuple[Ticket, ...] = ()
    budget: Budget = Budget()
    answers: int = 0
    echo_ticket: Ticket | None = None
    proved: bool = False
    bounced: Ticket | None = None
    customer_no: str | None = None


@dataclass(frozen=True)
class Decided:
    """Everything decided about one arrival; the store writes it in one transaction.

    ``ticket`` is the new ticket (without number), the changed one, or None. ``explanation`` is the public decision
    record as JSON text.
    """

    outcome: Outcome
    reason: str | None = None
    ticket: Ticket | None = None
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    queue: str = "keep"
    explanation: str = "{}"
    alerts: tuple[Notice, ...] = ()
    """Letters to the operators; they belong to no ticket."""
    proves: str | None = None
    """The address that answered with a token of ours and has so proved itself (P12)."""

"""What the API answers. Shapes grow only by adding; times are ISO 8601 with their offset, in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ingestd.model import CategoryL1, EmotionValue, Entry, PriorityLevel, State, Ticket
from ingestd.store.queues import QueueLease
from ingestd.store.reading import File


class Shape(BaseModel):
    """The base of all answers: read from the attributes of our own values."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class TicketShape(Shape):
    """A ticket as it stands."""

    ticket_no: str
    state: State
    department: str
    co_departments: tuple[str, ...]
    subject: str
    priority: PriorityLevel
    emotion: EmotionValue
    category_l1: CategoryL1
    category_l2: str | None
    customer_name: str | None
    honorific: str | None
    customer_email: str | None
    customer_no: str | None
    contact: str
    phones: tuple[str, ...]
    order_nos: tuple[str, ...]
    error_code: str | None
    occurred_at: str | None
    description: str
    language: str
    door: str
    attachments: str
    escalation: int
    accepted_by: str | None
    dept_contact: str | None
    transfer_note: str | None
    resolution: str | None
    received_at: datetime
    response_due: datetime | None
    prelim_due: datetime | None
    accepted_at: datetime | None
    responded_at: datetime | None
    resolved_at: datetime | None
    followed_up_at: datetime | None
    archived_at: datetime | None
    reopened: int
    related: tuple[str, ...]
    flags: tuple[str, ...]


class EntryShape(Shape):
    """One line of a ticket's history."""

    kind: str
    actor: str
    at: datetime
    text: str
    data: dict[str, str]
    intake_id: str | None
    internal: bool

    @classmethod
    def of(cls, entry: Entry) -> EntryShape:
        """Make it of an entry, whose data are pairs."""
        return cls(**{**vars(entry), "data": dict(entry.data)})


class LetterShape(Shape):
    """A letter of the ticket, with the reason where it was withheld or failed."""

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


class MessageShape(Shape):
    """A message of the ticket: what was read of it (IntakeRecord) and what was decided, as ``explain`` prints it."""

    intake_id: str
    accepted_at: datetime
    outcome: str
    raw_sha256: str
    size: int
    record: dict[str, Any]
    decision: dict[str, Any]


class FileShape(Shape):
    """Everything that is known of one ticket."""

    ticket: TicketShape
    entries: list[EntryShape]
    letters: list[LetterShape]
    messages: list[MessageShape]


class TicketPage(Shape):
    """A page of tickets, newest first. ``next`` goes into ``after`` for the page behind it."""

    items: list[TicketShape]
    next: str | None


class LeaseShape(Shape):
    """A lease: until it expires nobody else gets the ticket."""

    id: str
    expires_at: datetime


class Leased(Shape):
    """A lease that was prolonged."""

    lease: LeaseShape


class PulledItem(Shape):
    """A pulled ticket, and why it waited: new, message, reopened, transfer, returned."""

    lease: LeaseShape
    ticket: TicketShape
    why: str


class Pulled(Shape):
    """What was pulled; empty when nothing came in time."""

    items: list[PulledItem]


class Returned(Shape):
    """The number of the ticket that went back."""

    ticket_no: str


class QueueShape(Shape):
    """How much waits in a department's queue, how much is leased, and since when the oldest waits."""

    department: str
    name: str
    name_en: str
    waiting: int = 0
    leased: int = 0
    oldest: datetime | None = Field(default=None, description="null when nothing is in the queue")


class Queues(Shape):
    """The queues that the token sees."""

    items: list[QueueShape]


def ticket_shape(ticket: Ticket) -> TicketShape:
    """Show a ticket."""
    return TicketShape.model_validate(ticket)


def file_shape(file: File) -> FileShape:
    """Show the whole file of a ticket."""
    return FileShape(
        ticket=ticket_shape(file.ticket),
        entries=[EntryShape.of(entry) for entry in file.entries],
        letters=[LetterShape.model_validate(letter) for letter in file.letters],
        messages=[MessageShape.model_validate(message) for message in file.messages],
    )


def pulled_shape(leases: Iterable[QueueLease]) -> Pulled:
    """Show what was pulled."""
    return Pulled(
        items=[
            PulledItem(
                lease=LeaseShape(id=lease.lease_id, expires_at=lease.expires_at),
                ticket=ticket_shape(lease.ticket),
                why=lease.why,
            )
            for lease in leases
        ]
    )

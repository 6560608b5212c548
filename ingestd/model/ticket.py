"""The matter itself: departments, tickets and the lines of their history. Frozen values, complete as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ingestd.model.states import State

PriorityLevel = Literal["P0", "P1", "P2"]
EmotionValue = Literal["平静", "不满", "愤怒", "焦虑"]
CategoryL1 = Literal["consult", "fault", "complaint", "aftersales", "suggestion", "emergency"]
TRIAGE = "triage"
"""The department of everything that no rule claims."""


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
    attachments: str = ""
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
    participants: tuple[str, ...] = ()

    @property
    def contact(self) -> str:
        """How the customer is reached: phones first, then the address."""
        return "; ".join((*self.phones, *([self.customer_email] if self.customer_email else [])))


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

"""Tickets, their history, routes and notices, and every change of state as a pure function.

Nothing here reads a clock, a database or a file.
"""

from ingestd.model.deciding import (
    Budget,
    Decided,
    Emotion,
    Known,
    Notice,
    Outcome,
    Priority,
    Route,
    Routing,
    RuleHit,
)
from ingestd.model.states import CLOSED, MOVES, STATES, State
from ingestd.model.ticket import TRIAGE, CategoryL1, Department, EmotionValue, Entry, PriorityLevel, Ticket
from ingestd.model.verbs import (
    Change,
    acknowledged,
    appended,
    assigned,
    note,
    reopen,
    reply,
    resolve,
    take,
    transfer,
)

__all__ = [
    "CLOSED",
    "MOVES",
    "STATES",
    "TRIAGE",
    "Budget",
    "CategoryL1",
    "Change",
    "Decided",
    "Department",
    "Emotion",
    "EmotionValue",
    "Entry",
    "Known",
    "Notice",
    "Outcome",
    "Priority",
    "PriorityLevel",
    "Route",
    "Routing",
    "RuleHit",
    "State",
    "Ticket",
    "acknowledged",
    "appended",
    "assigned",
    "note",
    "reopen",
    "reply",
    "resolve",
    "take",
    "transfer",
]

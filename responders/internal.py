"""Plain letters that stay in the house: to a supervisor, to a department, to the operator."""

from __future__ import annotations

from responders import lint
from responders.responder import Responder

ESCALATION_INTERNAL = Responder(
    "escalation_internal", needs=frozenset({"ticket_no"}), rules=(*lint.EVERY, lint.names_ticket), to_customer=False
)
QUEUE_NOTICE = Responder(
    "queue_notice", needs=frozenset({"department"}), rules=lint.EVERY, to_customer=False, about_ticket=False
)
"""``rows`` are the new and returned tickets: the number and why as label, the summary as value."""
OPERATOR_ALERT = Responder(
    "operator_alert", needs=frozenset({"summary"}), rules=lint.EVERY, to_customer=False, about_ticket=False
)
"""``summary`` is what happened, ``items`` are the steps to take, ``rows`` the figures."""

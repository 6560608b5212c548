"""The letters that say: your message is here, this is its number, this is what we understood, this is when."""

from __future__ import annotations

from responders import lint
from responders.responder import Responder

_ALWAYS = frozenset({"ticket_no", "team", "category", "summary", "received_at"})

ACK = Responder("ack", needs=_ALWAYS | {"response_due"}, rules=lint.ACK)
ACK_SOOTHE = Responder(
    "ack_soothe",
    needs=_ALWAYS | {"response_due", "empathy_line"},
    rules=(*lint.ACK, lint.empathy_first, lint.empathy_without_turn, lint.apologises),
)
"""For whoever is upset, and for every complaint: empathy and an apology come before the matter (004-13)."""
ACK_EMERGENCY = Responder(
    "ack_emergency",
    needs=_ALWAYS | {"prelim_due"},
    rules=(*lint.ACK, lint.promises_first_feedback, lint.warns_of_password),
)
"""P0: when the first feedback comes, and that nobody of us ever asks for a password or code (004-42, 004-44)."""
ACK_SUGGESTION = Responder("ack_suggestion", needs=_ALWAYS | {"response_due"}, rules=(*lint.ACK, lint.thanks))

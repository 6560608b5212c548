"""The letters that carry an answer: the result with its question, and what a person wrote."""

from __future__ import annotations

from responders import lint
from responders.responder import Responder

RESULT_CONFIRM = Responder(
    "result_confirm", needs=frozenset({"ticket_no", "team", "result"}), rules=(*lint.CUSTOMER, lint.asks_whether_solved)
)
REPLY = Responder("reply", needs=frozenset({"ticket_no", "team", "reply_text"}), rules=lint.CUSTOMER)

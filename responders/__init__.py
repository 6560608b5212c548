"""Responders write: Facts about a ticket in, a Letter out. Nothing here sends anything."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from responders.acknowledgement import ACK, ACK_EMERGENCY, ACK_SOOTHE, ACK_SUGGESTION
from responders.errors import LetterError
from responders.internal import ESCALATION_INTERNAL, OPERATOR_ALERT, QUEUE_NOTICE
from responders.letter import Facts, Letter, Row
from responders.letters import Letters
from responders.responder import Responder
from responders.result import REPLY, RESULT_CONFIRM

__all__ = ["RESPONDERS", "Facts", "Letter", "LetterError", "Letters", "Responder", "Row", "load", "write"]

RESPONDERS: Mapping[str, Responder] = {
    "ack": ACK,
    "ack_soothe": ACK_SOOTHE,
    "ack_emergency": ACK_EMERGENCY,
    "ack_suggestion": ACK_SUGGESTION,
    "result_confirm": RESULT_CONFIRM,
    "reply": REPLY,
    "escalation_internal": ESCALATION_INTERNAL,
    "queue_notice": QUEUE_NOTICE,
    "operator_alert": OPERATOR_ALERT,
}


def write(kind: str, language: str, facts: Facts, *, templates: Path | None = None) -> Letter:
    """Write one letter; ``templates`` is an admin's directory, whose files replace the shipped ones.

    The language is the exact one, else its base (any Chinese is ``zh-CN``), else English. Raise LetterError with what
    to change: an unknown kind, or a fact the letter needs. A daemon keeps what ``load`` returns instead.
    """
    return (load(templates) if templates else _shipped()).write(kind, language, facts)


def load(templates: Path | None = None) -> Letters:
    """Read all letters once. Never raises: ``problems()`` of the result says what is wrong with an admin's files."""
    return Letters(RESPONDERS, templates)


@cache
def _shipped() -> Letters:
    return load()

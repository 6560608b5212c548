"""The public decision record: everything decided about a message, and why, as one JSON object (P38)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from ingestd.conversations import Conversation
from ingestd.intake.material import Material
from ingestd.model import Decided, Notice, Routing
from parsers.record import AutomaticKind

_ROUTING = TypeAdapter(Routing)
SENTENCES = {
    "own-mail": "this is a letter of our own that came back",
    "bounce": "this is a delivery report",
    "auto-reply": "this is an automatic reply",
    "auto-generated": "a machine wrote this",
    "receipt": "this is a reading or delivery receipt",
    "calendar": "this is a calendar message",
    "report": "this is a machine's report",
    "list": "this came through a mailing list",
    "sender-suppresses": "the sender asks for no automatic replies (X-Auto-Response-Suppress)",
    "null-return-path": "the return path is empty, as of bounces",
    "no-answer-address": "there is no plain address to answer to",
    "own-address": "the answer would come back to ourselves",
    "reply-in-open-ticket": "a reply inside an open ticket is not acknowledged again",
    "customer-wants-no-reply": "the customer asked for no reply",
    "authentication-failed": "the sender's domain disowns this mail",
    "old-mail": "the mail is older than letters.max_age",
    "domain-answers-itself": "this domain answers our acknowledgements with new mail, like a machine",
    "budget-address": "this address has had its acknowledgements for the hour or the day",
    "forwarded-token": "somebody else wrote with the customer's token; nothing goes out to either",
    "folded": "the same text again beyond the budget: folded into the ticket before",
    "duplicate": "this message has come in before",
    "loop": "the mail has passed more than 50 servers",
}
"""What each reason code means, for the desk and the terminal."""


def explanation(decided: Decided, material: Material, routing: Routing, conversation: Conversation | None) -> str:
    """Return the decision as JSON text; the record itself is stored beside it."""
    found = conversation or Conversation(None, "new")
    body = {
        "outcome": decided.outcome,
        "reason": decided.reason,
        "conversation": {
            "ticket": found.ticket.ticket_no if found.ticket else None,
            "how": found.how,
            "candidates": [asdict(candidate) for candidate in found.candidates],
            "linked": list(found.linked),
            "conflict": found.conflict,
            "forged_token": found.forged,
        },
        **routing_part(routing),
        "ack": _ack_part(decided, material),
    }
    return json.dumps(body, ensure_ascii=False)


def routing_part(routing: Routing) -> dict[str, Any]:
    """Return the part of the decision that the rules made."""
    part: dict[str, Any] = _ROUTING.dump_python(routing)
    return part


def sentence(reason: str | None) -> str | None:
    """Return the sentence of a reason code, or the code itself."""
    if reason is None:
        return None
    return SENTENCES.get(reason.partition(":")[0].strip(), reason)


def reason_of(kind: AutomaticKind) -> str:
    """Return the reason code of a kind of machine mail."""
    return "own-mail" if kind == "own" else kind.replace("_", "-")


def _ack_part(decided: Decided, material: Material) -> dict[str, Any]:
    ack = next((notice for notice in decided.notices if notice.kind.startswith("ack")), None)
    reason = ack.withheld if ack else _why_none(decided, material)
    return {
        "owed": ack is not None and ack.withheld is None,
        "template": _template(ack),
        "language": ack.language if ack else None,
        "reason": reason,
        "sentence": sentence(reason),
    }


def _template(ack: Notice | None) -> str | None:
    return ack.kind if ack else None


def _why_none(decided: Decided, material: Material) -> str:
    kind = material.record.automatic.kind
    if kind is not None:
        return reason_of(kind)
    if decided.outcome == "appended" and (decided.reason or "").startswith(("folded", "forwarded")):
        return decided.reason or ""
    if decided.outcome == "appended":
        return "reply-in-open-ticket"
    return decided.reason if decided.outcome == "parked" and decided.reason else decided.outcome

"""What the ticket page shows of a message: the stored record and decision, as values that are always there.

Both are JSON of any age: what an older version did not write is shown as empty, never as an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingestd.store.reading import Message
from ingestd.web.showing import span

MOST_RECIPIENTS = 10
"""Recipients shown; the original has them all."""
ONE_BY_ONE = ("name", "honorific", "customer_no", "error_code")
SEVERAL = ("phones", "order_nos", "other_nos")


@dataclass(frozen=True)
class FieldView:
    """One thing that was read: its id (or kind), the value, how it was written, and where it stood."""

    name: str
    value: str
    raw: str
    source: str


@dataclass(frozen=True)
class MessageView:
    """One message of a ticket, as the page shows it."""

    intake_id: str
    accepted_at: Any
    outcome: str
    size: int
    record: Mapping[str, Any]
    decision: Mapping[str, Any]
    written_to: tuple[str, ...]
    fields: tuple[FieldView, ...]
    words: tuple[str, ...]

    def of_record(self, key: str) -> Any:
        """Return a part of the record, or an empty one."""
        return self.record.get(key) or {}

    def of_decision(self, key: str) -> Any:
        """Return a part of the decision, or an empty one."""
        return self.decision.get(key) or {}


def message_view(message: Message) -> MessageView:
    """Prepare a message for the page."""
    return MessageView(
        message.intake_id,
        message.accepted_at,
        message.outcome,
        message.size,
        message.record,
        message.decision,
        written_to(message.record),
        fields_of(message.record),
        words_of(message.decision),
    )


def written_to(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the visible recipients, each once."""
    visible = [one.get("email", "") for one in record.get("recipients") or () if one.get("kind") in ("to", "cc")]
    return tuple(dict.fromkeys(visible))[:MOST_RECIPIENTS]


def fields_of(record: Mapping[str, Any]) -> tuple[FieldView, ...]:
    """Return the fields that the record has a value for, in a fixed order."""
    fields = record.get("fields") or {}
    single = [_view(name, fields[name]) for name in ONE_BY_ONE if fields.get(name)]
    several = [_view(item.get("kind", name), item) for name in SEVERAL for item in fields.get(name) or ()]
    when = [_occurred(fields["occurred_at"])] if fields.get("occurred_at") else []
    return (*single, *several, *when)


def _view(name: str, item: Mapping[str, Any]) -> FieldView:
    value = str(item.get("value", ""))
    raw = str(item.get("raw") or value)
    return FieldView(name, value, raw if raw != value else "", str(item.get("source", "")))


def _occurred(item: Mapping[str, Any]) -> FieldView:
    """The span in the customer's own offset: that is the time he lived."""
    ends = [str(item.get(end, ""))[:16].replace("T", " ") for end in ("from", "to")]
    when = span(" – ".join(dict.fromkeys(end for end in ends if end)))
    return FieldView("occurred_at", when, str(item.get("text", "")), str(item.get("source", "")))


def words_of(decision: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words that spoke, for the rules and for the mood: they are marked in the text."""
    rules = (decision.get("route") or {}).get("rules") or ()
    spoken = [word for rule in rules for word in rule.get("words") or ()]
    mood = (decision.get("emotion") or {}).get("evidence") or ()
    return tuple(dict.fromkeys(str(word) for word in (*spoken, *mood)))

"""A decision as a page for people: the words that spoke, the tickets that were looked at, why an answer was owed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestd.cli.output import clock_time, print_fields, print_heading
from ingestd.intake.explaining import sentence

Json = dict[str, Any]


def print_decision(answer: Json) -> None:
    """Print one decision record, as ``explain`` gives it to programs."""
    record = answer["record"]
    print_heading(record.get("subject") or "(no subject)")
    print_fields(_message(answer, record))
    print_why(answer)


def print_why(decision: Json) -> None:
    """Print what was decided and by which words. Parts that were never decided are left out."""
    print_fields(
        [
            ("outcome", _outcome(decision)),
            *_conversation(decision.get("conversation") or {}, decision.get("outcome")),
            *_route(decision.get("route") or {}),
            *_inputs(decision),
            ("missing", decision.get("missing")),
            *_ack(decision.get("ack") or {}),
        ]
    )


def _message(answer: Json, record: Json) -> Iterator[tuple[str, object]]:
    yield "arrival", answer.get("intake_id")
    yield "accepted", clock_time(answer.get("accepted_at"))
    yield "message-id", record.get("message_id")
    yield "from", _mailbox(record.get("sender"))
    automatic = record.get("automatic") or {}
    if automatic.get("kind"):
        yield "automatic", f"{automatic['kind']}: {'; '.join(automatic['evidence'])}"
    yield "defects", [defect["code"] for defect in record.get("defects", ())]


def _mailbox(sender: Json | None) -> str:
    if sender is None:
        return ""
    return f"{sender['name']} <{sender['email']}>" if sender.get("name") else sender["email"]


def _outcome(decision: Json) -> str:
    reason = decision.get("reason")
    told = sentence(reason)
    words = reason if told == reason else f"{told} ({reason})"
    return f"{decision.get('outcome', '')}{f': {words}' if reason else ''}"


def _conversation(found: Json, outcome: str | None) -> Iterator[tuple[str, object]]:
    if found.get("ticket"):
        yield "conversation", f"{found['ticket']}, by {found['how']}"
    elif outcome == "created":
        yield "conversation", "a new one"
    for candidate in found.get("candidates", ()):
        yield "  looked at", f"{candidate['ticket_no']}, by {candidate['clue']}: {candidate['verdict']}"
    yield "  linked to", found.get("linked")
    yield "  beware", "a mark shaped like ours that we never made" if found.get("forged_token") else None


def _route(route: Json) -> Iterator[tuple[str, object]]:
    if not route:
        return
    yield "department", route["department"]
    yield "  reads along", route["co_queues"]
    yield "category", " / ".join(word for word in (route["category_l1"], route["category_l2"]) if word)
    for rule in route["rules"]:
        yield "  rule", _rule(rule)


def _rule(rule: Json) -> str:
    words = "、".join(rule["words"])
    where = f" in {', '.join(dict.fromkeys(rule['where']))}" if rule["where"] else ""
    negated = f"; negated: {'、'.join(rule['negated'])}" if rule["negated"] else ""
    return f"{rule['id']} {rule['score']:g}: {words}{where}{negated}"


def _inputs(decision: Json) -> Iterator[tuple[str, object]]:
    if priority := decision.get("priority"):
        yield "priority", _because(priority["level"], priority["inputs"])
    if emotion := decision.get("emotion"):
        yield "emotion", _because(emotion["value"], emotion["evidence"])


def _because(value: str, reasons: list[str]) -> str:
    return f"{value}, because of {'、'.join(reasons)}" if reasons else value


def _ack(ack: Json) -> Iterator[tuple[str, object]]:
    if not ack:
        return
    if ack["owed"]:
        yield "answer", f"{ack['template']} in {ack['language']}"
    else:
        yield "answer", f"none: {ack.get('sentence') or sentence(ack['reason'])} ({ack['reason']})"

"""The file of a ticket as a page for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestd.cli.explain_page import print_why
from ingestd.cli.output import clock_time, print_fields, print_heading, print_quoted
from ingestd.intake.explaining import sentence
from ingestd.model import STATES, State

Json = dict[str, Any]


def print_file(file: Json) -> None:
    """Print ticket, decision, history and letters, as ``ticket show`` gives them to programs."""
    ticket = file["ticket"]
    print_heading(f"{ticket['ticket_no']}  {ticket['subject'] or '(no subject)'}")
    print_fields(_facts(ticket))
    if file["messages"]:
        print_heading("Why")
        print_why(file["messages"][0]["decision"])
    print_heading("History")
    for entry in file["entries"]:
        _print_entry(entry)
    print_heading("Letters")
    for letter in file["letters"]:
        _print_letter(letter)


def _facts(ticket: Json) -> Iterator[tuple[str, object]]:
    state = STATES[State(ticket["state"])]
    yield "state", f"{state.english} ({state.chinese})"
    yield "department", ticket["department"]
    yield "reads along", ticket["co_departments"]
    yield "priority", ticket["priority"]
    yield "emotion", ticket["emotion"]
    yield "category", " / ".join(word for word in (ticket["category_l1"], ticket["category_l2"]) if word)
    yield "customer", f"{ticket['customer_name'] or ''} {ticket['contact']}".strip()
    yield "customer no.", ticket["customer_no"]
    yield "orders", ticket["order_nos"]
    yield "error code", ticket["error_code"]
    yield "occurred", ticket["occurred_at"]
    yield "attachments", ticket["attachments"]
    yield "received", clock_time(ticket["received_at"])
    yield "answer due", clock_time(ticket["response_due"])
    yield "accepted by", ticket["accepted_by"]
    yield "resolution", ticket["resolution"]
    yield "linked to", ticket["related"]
    yield "marks", ticket["flags"]


def _print_entry(entry: Json) -> None:
    data = ", ".join(f"{key}: {value}" for key, value in entry["data"].items())
    head = f"  {clock_time(entry['at'])}  {entry['kind']} by {entry['actor']}"
    print_quoted(f"{head} ({data})" if data else head, indent="")
    print_quoted(entry["text"], indent="      ")


def _print_letter(letter: Json) -> None:
    when = clock_time(letter["sent_at"] or letter["due_at"])
    reason = f" ({sentence(letter['reason'])})" if letter["reason"] else ""
    print_quoted(f"  {when}  {letter['kind']} to {letter['rcpt'] or 'nobody'}, {letter['state']}{reason}", indent="")
    if letter["text"]:
        print_quoted(f"{letter['subject']}\n\n{letter['text']}", indent="      ")

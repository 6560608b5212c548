"""Opens a ticket from a record: which of its words go where."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ingestd import conversations
from ingestd.intake.material import Material
from ingestd.model import Entry, Notice, Routing, State, Ticket
from ingestd.notices import Policy
from ingestd.notices.whom import answer_address, answer_from
from parsers.record import Attachment, Found, FoundNumber, IntakeRecord, OccurredAt
from responders.letter import Facts, Row

LONGEST_DESCRIPTION = 20_000
"""Characters of the customer's words on the ticket; the whole text stays with the arrival."""
LONGEST_SUBJECT = 500


def ticket_of(
    material: Material, routing: Routing, policy: Policy, linked: tuple[str, ...], *, collides: bool
) -> Ticket:
    """Return the new ticket, without its number. Its clocks start when the server took the mail."""
    record, received_at = material.record, material.received_at
    ticket = Ticket(
        ticket_no="",
        state=State.NEW,
        department=routing.route.department,
        subject=record.subject[:LONGEST_SUBJECT],
        customer_email=_customer(record, policy),
        received_at=received_at,
        priority=routing.priority.level,
        emotion=routing.emotion.value,
        category_l1=routing.route.category_l1,
        category_l2=routing.route.category_l2,
        co_departments=routing.route.co_queues,
        description=description_of(record),
        language=letter_language(record, policy),
        answer_from=answer_from(record, material.envelope, policy),
        door=material.door,
        related=linked,
        flags=_flags(record, collides=collides),
        participants=conversations.participants(record, _not_people(policy)),
    )
    return _with_clocks(_with_fields(ticket, record), policy)


def _customer(record: IntakeRecord, policy: Policy) -> str | None:
    """Return whom a person answers. Mail from our own address names nobody: a letter there would only come back."""
    email = answer_address(record) or (record.sender.email if record.sender else None)
    return None if email and policy.is_own(email) else email


def _not_people(policy: Policy) -> tuple[str, ...]:
    return (*policy.own_addresses, *([policy.bounce_address] if policy.bounce_address else []))


def _with_fields(ticket: Ticket, record: IntakeRecord) -> Ticket:
    """Add what the customer told us."""
    fields = record.fields
    return replace(
        ticket,
        customer_name=_value(fields.name),
        honorific=_value(fields.honorific),
        customer_no=_value(fields.customer_no),
        phones=tuple(phone.value for phone in fields.phones),
        order_nos=tuple(order.value for order in fields.order_nos),
        error_code=_value(fields.error_code),
        occurred_at=_print_span(fields.occurred_at) if fields.occurred_at else None,
        attachments="、".join(_attachment_word(one, _value(fields.error_code)) for one in _shown(record)),
    )


def _with_clocks(ticket: Ticket, policy: Policy) -> Ticket:
    """Add the ends of its windows, and who is told at once."""
    windows, received_at = policy.windows, ticket.received_at
    response: timedelta = getattr(windows.response, ticket.priority)
    prelim = windows.preliminary if ticket.priority == "P0" else None
    return replace(
        ticket,
        escalation=1 if {ticket.priority, ticket.category_l1} & set(windows.supervisor_at_once) else 0,
        response_due=received_at + response,
        prelim_due=received_at + prelim if prelim else None,
    )


def _value(found: Found[str] | FoundNumber | None) -> str | None:
    return found.value if found else None


def _shown(record: IntakeRecord) -> tuple[Attachment, ...]:
    return tuple(attachment for attachment in record.attachments if not attachment.inline)


def description_of(record: IntakeRecord) -> str:
    """Return the customer's words as the ticket has them: his own, verbatim; else the text; else the subject."""
    return (record.own_text or record.text or record.subject)[:LONGEST_DESCRIPTION]


def letter_language(record: IntakeRecord, policy: Policy) -> str:
    """Return the language of the letters: the customer's where we write it, else the first of the service."""
    spoken = (record.language or "").partition("-")[0].lower()
    languages = policy.letters.languages or policy.languages
    return next((language for language in languages if language.partition("-")[0] == spoken), languages[0])


def entry_of(record: IntakeRecord, intake_id: str, kind: str, now: datetime, *, how: str = "") -> Entry:
    """Return the line of history that this message makes."""
    sender = record.sender.email if record.sender else "unknown sender"
    data = [("from", sender), ("subject", record.subject), ("message_id", record.message_id or ""), ("how", how)]
    data += [("attachments", str(len(record.attachments)) if record.attachments else "")]
    pairs = tuple((key, value) for key, value in data if value)
    text = (record.own_text or record.text)[:LONGEST_DESCRIPTION]
    return Entry(kind, "customer", now, text=text, data=pairs, intake_id=intake_id or None, internal=False)


def loop_alert(
    record: IntakeRecord, policy: Policy, alerts_to: tuple[str, ...], ticket_no: str, now: datetime
) -> tuple[Notice, ...]:
    """Return one word a day to each operator about an address or domain that answers our letters like a machine."""
    domain = (record.sender.email if record.sender else "").rpartition("@")[2].casefold()
    facts = Facts(
        summary=f"{domain}: automatic replies keep coming; letters to it are withheld",
        items=(f"Look at ticket {ticket_no}; later mail of the same text is folded into it.",),
        rows=(Row(label="domain", value=domain), Row(label="ticket", value=ticket_no)),
    )
    return alert(f"loop:{domain}:{now:%Y%m%d}", facts, policy, alerts_to, now)


def parked_alert(
    intake_id: str, reason: str, policy: Policy, alerts_to: tuple[str, ...], now: datetime
) -> tuple[Notice, ...]:
    """Return the word to each operator about a message that was set aside (P8)."""
    facts = Facts(
        summary="a message was set aside because it could not be processed",
        items=(f"ingestd parked show {intake_id}", f"ingestd parked retry {intake_id}"),
        rows=(Row(label="arrival", value=intake_id), Row(label="reason", value=reason)),
    )
    return alert(f"parked:{intake_id}", facts, policy, alerts_to, now)


def alert(episode: str, facts: Facts, policy: Policy, alerts_to: tuple[str, ...], now: datetime) -> tuple[Notice, ...]:
    """Return a letter to each operator, at most once for its episode."""
    return tuple(
        Notice(
            kind="operator_alert",
            episode=f"{episode}:{address}",
            rcpt=address,
            sender=policy.default_sender,
            language=policy.languages[0],
            due_at=now,
            facts=facts,
        )
        for address in alerts_to
    )


def _flags(record: IntakeRecord, *, collides: bool) -> tuple[str, ...]:
    found = {
        "id-collision": collides,
        "unreadable": any(defect.code.startswith("unreadable") for defect in record.defects),
        "unknown-sender": record.sender is None,
        "no-reply-wanted": record.wants_no_reply,
        "automatic": record.automatic.kind is not None,
    }
    return tuple(name for name, holds in found.items() if holds)


def _print_span(occurred: OccurredAt) -> str:
    if occurred.precision == "minute":
        return f"{occurred.start:%Y-%m-%d %H:%M}"
    if occurred.start.date() == occurred.end.date() and occurred.precision != "hour":
        return f"{occurred.start:%Y-%m-%d}（{occurred.text}）"
    return f"{occurred.start:%Y-%m-%d %H:%M} – {occurred.end:%Y-%m-%d %H:%M}"


def _attachment_word(attachment: Attachment, error_code: str | None) -> str:
    kind = {"image": "截图", "video": "视频"}.get(attachment.content_type.partition("/")[0])
    word = kind or attachment.filename or attachment.content_type
    return f"{word}(错误码:{error_code})" if kind == "截图" and error_code else word

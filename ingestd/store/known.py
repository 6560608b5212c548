"""Reads what bears on one arrival, inside the transaction that decides it.

Every question is answered by an index; none costs more as the tickets grow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, bindparam, case, exists, func, literal_column, select, text, true

from ingestd.model import Budget, Known, Ticket
from ingestd.store import rows, tables
from ingestd.store.prepared import Prepared
from ingestd.store.session import Tx

HOUR, DAY, RECENT = timedelta(hours=1), timedelta(days=1), timedelta(minutes=10)
ENOUGH = 50
"""No budget is larger than what these counts must tell apart; counting stops there."""
ACKS = ("ack", "ack_soothe", "ack_emergency", "ack_suggestion", "ack_praise")
NOT_WITHHELD = text("state <> 'withheld'")
"""Spelled as in the index: a flood of withheld acks then costs nothing to pass over."""
IS_ACK = tables.outbox.c.kind.in_([literal_column(f"'{kind}'") for kind in ACKS])
"""Spelled out in the statement: a list of parameters would be unfolded anew each time."""


@dataclass(frozen=True)
class Questions:
    """What intake asks about one arrival. Addresses and domains are case-folded."""

    message_key: str
    message_id: str | None
    tokens: tuple[str, ...]
    references: tuple[str, ...]
    tags: tuple[str, ...]
    sender: str | None
    answer_to: str | None
    text_key: str | None
    bounced: str | None = None
    """The id of the letter whose return path this came to."""

    @property
    def customer(self) -> str | None:
        """Whom a ticket of this would be about: who is answered, else who wrote."""
        return self.answer_to or self.sender

    @property
    def sender_domain(self) -> str | None:
        """The sender's domain."""
        return self.sender.rpartition("@")[2] if self.sender else None


def _acks(whose: ColumnElement[bool], name: str) -> Subquery:
    """Count the newest acknowledgements to one recipient: within the hour, the day, and just now."""
    outbox = tables.outbox.c
    newest = (
        select(outbox.created_at)
        .where(whose, outbox.created_at > bindparam("day"), IS_ACK, NOT_WITHHELD)
        .order_by(outbox.created_at.desc())
        .limit(ENOUGH)
        .subquery(f"newest_{name}")
    )
    spans = ("hour", "day", "recent")
    counts = (func.sum(case((newest.c.created_at > bindparam(span), 1), else_=0)).label(span) for span in spans)
    return select(*counts).subquery(name)


_arrival, _customer, _counter, _ref = tables.arrival.c, tables.customer.c, tables.counter.c, tables.message_ref.c
_other = _arrival.intake_id != bindparam("intake_id")
_same_text = (
    _other,
    _arrival.sender_domain == bindparam("sender_domain"),
    _arrival.text_key == bindparam("text_key"),
    _arrival.accepted_at > bindparam("hour"),
)
_address = _acks(tables.outbox.c.rcpt_key == bindparam("rcpt_key"), "address")
_domain = _acks(tables.outbox.c.rcpt_domain == bindparam("rcpt_domain"), "domain")
_FACTS = Prepared(
    select(
        select(_arrival.intake_id)
        .where(_arrival.message_key == bindparam("message_key"), _other)
        .scalar_subquery()
        .label("duplicate_of"),
        select(_arrival.intake_id)
        .where(_arrival.message_id == bindparam("message_id"), _other, _arrival.message_key.is_not(None))
        .limit(1)
        .scalar_subquery()
        .label("same_id"),
        select(_customer.proved_at)
        .where(_customer.email == bindparam("answer_to"))
        .scalar_subquery()
        .label("proved_at"),
        select(_customer.customer_no)
        .where(_customer.email == bindparam("customer"))
        .scalar_subquery()
        .label("customer_no"),
        select(_counter.value).where(_counter.name == bindparam("hour_counter")).scalar_subquery().label("everybody"),
        exists().where(*_same_text).label("echoes"),
        _address.c.hour.label("address_hour"),
        _address.c.day.label("address_day"),
        _domain.c.hour.label("domain_hour"),
        _domain.c.day.label("domain_day"),
        _domain.c.recent.label("domain_recent"),
    ).select_from(_address.join(_domain, true()))
)
"""What every arrival asks, in one statement: over a network the journeys cost more than the answers."""
_was_answered = (
    exists()
    .where(
        tables.outbox.c.ticket_no == _arrival.ticket_no,
        IS_ACK,
        tables.outbox.c.state.in_([literal_column("'sent'"), literal_column("'sending'")]),
    )
    .label("was_answered")
)
_ECHOES = Prepared(
    select(_arrival.ticket_no, _was_answered).where(*_same_text).order_by(_arrival.accepted_at.desc()).limit(ENOUGH)
)


def ask(tx: Tx, questions: Questions, intake_id: str, now: datetime) -> Known:
    """Answer all questions about the arrival ``intake_id``."""
    asked = _asked(questions, intake_id, now)
    found = tx.run(_FACTS, asked).rows[0]
    if found.duplicate_of is not None:
        return Known(duplicate_of=found.duplicate_of)
    answers, echo = _answers(tx, asked) if found.echoes else (0, None)
    return Known(
        same_id=found.same_id,
        by_token=_tickets(tx, questions.tokens),
        by_reference=_referenced(tx, questions.references),
        by_tag=_tickets(tx, questions.tags),
        budget=_budget(found) if questions.answer_to else Budget(),
        answers=answers,
        echo_ticket=echo,
        proved=found.proved_at is not None,
        customer_no=found.customer_no,
        bounced=_bounced(tx, questions.bounced),
    )


def _asked(questions: Questions, intake_id: str, now: datetime) -> dict[str, object]:
    """What is unknown is NULL, and equals nothing."""
    answer_to = questions.answer_to
    return {
        "intake_id": intake_id,
        "message_key": questions.message_key,
        "message_id": questions.message_id,
        "text_key": questions.text_key,
        "answer_to": answer_to,
        "customer": questions.customer,
        "sender_domain": questions.sender_domain,
        "rcpt_key": budget_key(answer_to) if answer_to else None,
        "rcpt_domain": answer_to.rpartition("@")[2] if answer_to else None,
        "hour_counter": hour_counter(now),
        "hour": now - HOUR,
        "day": now - DAY,
        "recent": now - RECENT,
    }


def _budget(found: Any) -> Budget:
    return Budget(
        int(found.address_hour or 0),
        int(found.address_day or 0),
        int(found.domain_hour or 0),
        int(found.domain_day or 0),
        int(found.domain_recent or 0),
        found.everybody or 0,
    )


def _tickets(tx: Tx, numbers: Sequence[str]) -> tuple[Ticket, ...]:
    found = rows.load(tx, numbers, lock=True)
    return tuple(found[number] for number in dict.fromkeys(numbers) if number in found)


def _referenced(tx: Tx, references: Sequence[str]) -> tuple[Ticket, ...]:
    if not references:
        return ()
    query = select(_ref.message_id, _ref.ticket_no).where(_ref.message_id.in_(references)).limit(200)
    by_age = sorted(tx.execute(query).all(), key=lambda row: references.index(row.message_id))
    return _tickets(tx, [row.ticket_no for row in by_age])


def _bounced(tx: Tx, mail_id: str | None) -> Ticket | None:
    """Return the ticket of a letter; letters to operators have none."""
    if mail_id is None:
        return None
    number = tx.execute(select(tables.outbox.c.ticket_no).where(tables.outbox.c.mail_id == mail_id)).scalar()
    return next(iter(_tickets(tx, [number])), None) if number else None


def budget_key(address: str) -> str:
    """Return the name under which letters to an address are counted: case and plus-part make no new person."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def hour_counter(now: datetime) -> str:
    """Return the name of the counter of all acknowledgements in this hour."""
    return f"acks:{now:%Y%m%d%H}"


def _answers(tx: Tx, asked: Mapping[str, object]) -> tuple[int, Ticket | None]:
    """Count arrivals of one text from one domain that each came after the ack to the one before had left (P11)."""
    echoes = tx.run(_ECHOES, asked).rows
    paced = sum(1 for echo in echoes if echo.was_answered)
    last = _tickets(tx, [echoes[0].ticket_no]) if paced and echoes[0].ticket_no else ()
    return (paced + 1 if echoes else 0), (last[0] if last else None)

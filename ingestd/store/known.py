"""Reads what bears on one arrival, inside the transaction that decides it.

Every question is answered by an index; none costs more as the tickets grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from ingestd.model import Budget, Known, Ticket
from ingestd.store import rows, tables
from ingestd.store.session import Tx

HOUR, DAY, RECENT = timedelta(hours=1), timedelta(days=1), timedelta(minutes=10)
ENOUGH = 50
"""No budget is larger than what these counts must tell apart; counting stops there."""
ACKS = ("ack", "ack_soothe", "ack_emergency", "ack_suggestion", "ack_praise")


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

    @property
    def sender_domain(self) -> str | None:
        """The sender's domain."""
        return self.sender.rpartition("@")[2] if self.sender else None


def ask(tx: Tx, questions: Questions, intake_id: str, now: datetime) -> Known:
    """Answer all questions about the arrival ``intake_id``."""
    duplicate = _first_with_key(tx, questions.message_key, intake_id)
    if duplicate is not None:
        return Known(duplicate_of=duplicate)
    answers, echo = _answers(tx, questions, intake_id, now)
    return Known(
        same_id=_same_id(tx, questions.message_id, intake_id),
        by_token=_tickets(tx, questions.tokens),
        by_reference=_referenced(tx, questions.references),
        by_tag=_tickets(tx, questions.tags),
        budget=_budget(tx, questions.answer_to, now),
        answers=answers,
        echo_ticket=echo,
        proved=_proved(tx, questions.sender),
    )


def _first_with_key(tx: Tx, message_key: str, intake_id: str) -> str | None:
    arrival = tables.arrival.c
    query = select(arrival.intake_id).where(arrival.message_key == message_key, arrival.intake_id != intake_id)
    return tx.execute(query).scalar()


def _same_id(tx: Tx, message_id: str | None, intake_id: str) -> str | None:
    if message_id is None:
        return None
    arrival = tables.arrival.c
    query = select(arrival.intake_id).where(arrival.message_id == message_id, arrival.intake_id != intake_id)
    return tx.execute(query.where(arrival.message_key.is_not(None)).limit(1)).scalar()


def _tickets(tx: Tx, numbers: Sequence[str]) -> tuple[Ticket, ...]:
    found = rows.load(tx, numbers, lock=True)
    return tuple(found[number] for number in dict.fromkeys(numbers) if number in found)


def _referenced(tx: Tx, references: Sequence[str]) -> tuple[Ticket, ...]:
    if not references:
        return ()
    ref = tables.message_ref.c
    known = tx.execute(select(ref.message_id, ref.ticket_no).where(ref.message_id.in_(references)).limit(200)).all()
    by_age = sorted(known, key=lambda row: references.index(row.message_id))
    return _tickets(tx, [row.ticket_no for row in by_age])


def _budget(tx: Tx, answer_to: str | None, now: datetime) -> Budget:
    if answer_to is None:
        return Budget()
    address = _counts(tx, tables.outbox.c.rcpt_key == budget_key(answer_to), now)
    domain = _counts(tx, tables.outbox.c.rcpt_domain == answer_to.rpartition("@")[2], now)
    hour = select(tables.counter.c.value).where(tables.counter.c.name == hour_counter(now))
    everybody = tx.execute(hour).scalar() or 0
    return Budget(address[0], address[1], domain[0], domain[1], domain[2], everybody)


def _counts(tx: Tx, whose: Any, now: datetime) -> tuple[int, int, int]:
    outbox = tables.outbox.c
    newest = (
        select(outbox.created_at)
        .where(whose, outbox.created_at > now - DAY, outbox.kind.in_(ACKS), outbox.state != "withheld")
        .order_by(outbox.created_at.desc())
        .limit(ENOUGH)
        .subquery()
    )
    hour, day, recent = (func.sum(case((newest.c.created_at > now - span, 1), else_=0)) for span in (HOUR, DAY, RECENT))
    row = tx.execute(select(hour.label("hour"), day.label("day"), recent.label("recent"))).one()
    return int(row.hour or 0), int(row.day or 0), int(row.recent or 0)


def budget_key(address: str) -> str:
    """Return the name under which letters to an address are counted: case and plus-part make no new person."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def hour_counter(now: datetime) -> str:
    """Return the name of the counter of all acknowledgements in this hour."""
    return f"acks:{now:%Y%m%d%H}"


def _answers(tx: Tx, questions: Questions, intake_id: str, now: datetime) -> tuple[int, Ticket | None]:
    """Count arrivals of one text from one domain that each came after the ack to the one before had left (P11)."""
    if questions.text_key is None or questions.sender_domain is None:
        return 0, None
    arrival = tables.arrival.c
    same = (
        select(arrival.intake_id, arrival.ticket_no, arrival.accepted_at)
        .where(
            arrival.sender_domain == questions.sender_domain,
            arrival.text_key == questions.text_key,
            arrival.accepted_at > now - HOUR,
        )
        .order_by(arrival.accepted_at.desc())
        .limit(ENOUGH)
    )
    echoes = [row for row in tx.execute(same) if row.intake_id != intake_id]
    answered = _answered(tx, [row.ticket_no for row in echoes if row.ticket_no])
    paced = sum(1 for row in echoes if row.ticket_no in answered)
    last = _tickets(tx, [echoes[0].ticket_no]) if paced and echoes[0].ticket_no else ()
    return (paced + 1 if echoes else 0), (last[0] if last else None)


def _answered(tx: Tx, numbers: Sequence[str]) -> frozenset[str]:
    if not numbers:
        return frozenset()
    outbox = tables.outbox.c
    query = select(outbox.ticket_no).where(outbox.ticket_no.in_(numbers), outbox.state == "sent")
    return frozenset(tx.execute(query.where(outbox.kind.in_(ACKS))).scalars())


def _proved(tx: Tx, sender: str | None) -> bool:
    if sender is None:
        return False
    query = select(tables.customer.c.proved_at).where(tables.customer.c.email == sender)
    return tx.execute(query).scalar() is not None

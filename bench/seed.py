"""Fills a store with many tickets and letters at once: one is made as the product makes it, the rest are its copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Integer, Table, cast, insert, literal, select, true
from sqlalchemy.sql.expression import CTE

from ingestd.app.installation import Installation
from ingestd.model import Notice, State, Ticket
from ingestd.store import outbox, queues, rows, tables
from ingestd.store.session import Tx

PRIORITIES = ("P0", "P1", "P2")
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def open_tickets(it: Installation, count: int, departments: Sequence[str]) -> None:
    """Put that many open tickets into the queues, spread evenly over departments and priorities."""
    groups = list(product(departments, PRIORITIES))
    for number, (department, priority) in enumerate(groups):
        size = count // len(groups) + (number < count % len(groups))
        it.store.write(_group(f"B{number:03d}", department, priority, size)).result()


def pending_letters(it: Installation, count: int) -> None:
    """Owe that many letters that are due long since."""

    def unit(tx: Tx) -> None:
        notice = Notice("ack", "1", "customer@customer.example", "support@example.com", "en", NOW)
        outbox.owe(tx, _ticket("B000-0", "triage", "P2"), [notice], it.writer, NOW)
        number = _numbers(count - 1)
        _copy(tx, tables.outbox, number, {
            "mail_id": literal("copy-") + _text(number),
            "episode": literal("copy-") + _text(number),
        })  # fmt: skip

    it.store.write(unit).result()


def _group(prefix: str, department: str, priority: str, size: int) -> Any:
    def unit(tx: Tx) -> None:
        first = _ticket(f"{prefix}-0", department, priority)
        rows.insert_ticket(tx, first, NOW)
        queues.apply(tx, first, "new", NOW)
        number = _numbers(size - 1)
        copies = {"ticket_no": literal(f"{prefix}-") + _text(number)}
        _copy(tx, tables.ticket, number, copies, tables.ticket.c.ticket_no == first.ticket_no)
        _copy(tx, tables.queue_item, number, copies, tables.queue_item.c.ticket_no == first.ticket_no)

    return unit


def _ticket(number: str, department: str, priority: Any) -> Ticket:
    return Ticket(
        ticket_no=number,
        state=State.ASSIGNED,
        department=department,
        subject="Parcel has not moved",
        customer_email="customer@customer.example",
        received_at=NOW,
        priority=priority,
        description="The courier's tracking has shown no movement since Monday. " * 10,
        response_due=NOW + timedelta(hours=4),
    )


def _numbers(count: int) -> CTE:
    first = select(literal(1, Integer).label("n")).cte("number", recursive=True)
    return first.union_all(select(first.c.n + 1).where(first.c.n < count))


def _text(number: CTE) -> ColumnElement[str]:
    return cast(number.c.n, tables.ticket.c.ticket_no.type)


def _copy(
    tx: Tx,
    table: Table,
    number: CTE,
    changed: Mapping[str, ColumnElement[Any]],
    which: ColumnElement[bool] | None = None,
) -> None:
    columns = [changed.get(column.name, column).label(column.name) for column in table.c]
    copies = select(*columns).select_from(table.join(number, true())).where(true() if which is None else which)
    tx.execute(insert(table).from_select([column.name for column in table.c], copies))

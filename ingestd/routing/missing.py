"""What a ticket of this kind still needs from the customer, so that he is asked once and for nothing he has given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from parsers.record import IntakeRecord

SHORTEST = 4
"""Characters of an own text that can describe a matter: 没电了! does, 在吗 does not."""

ITEMS: Mapping[str, Callable[[IntakeRecord], bool]] = {
    "name": lambda record: record.fields.name is not None,
    "phone": lambda record: bool(record.fields.phones),
    "order_no": lambda record: bool(record.fields.order_nos or record.fields.other_nos),
    "customer_no": lambda record: record.fields.customer_no is not None,
    "occurred_at": lambda record: record.fields.occurred_at is not None,
    "error_code": lambda record: record.fields.error_code is not None,
    "evidence": lambda record: bool(record.attachments) or record.fields.error_code is not None,
    "description": lambda record: len(record.own_text.strip()) >= SHORTEST,
}
"""Each item that can be asked for, and how to see that the record has it. A tracking number stands for an order."""


def missing(
    record: IntakeRecord, required: Mapping[str, tuple[str, ...]], department: str, category: str
) -> tuple[str, ...]:
    """Return the items asked of this department (else of the class) that the record lacks, in the order written."""
    items = required.get(department, required.get(category, ()))
    return tuple(item for item in items if not ITEMS[item](record))

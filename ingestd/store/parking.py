"""Arrivals set aside for a person: parked with a reason, listed, sent round again or closed for good (P8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, text, update

from ingestd.store import tables
from ingestd.store.session import Tx
from ingestd.store.types import CleanText
from parsers.arrival import Envelope

RELEASED = "released"
"""The stage of an arrival that a person has sent round again: policy does not park it a second time."""


@dataclass(frozen=True)
class ParkedArrival:
    """An arrival that was set aside, as people see it. ``stage`` is where on the road it stood."""

    intake_id: str
    reason: str
    stage: str
    attempts: int
    parked_at: datetime
    accepted_at: datetime
    door: str
    account: str
    mail_from: str | None
    rcpt_to: str | None
    raw_sha256: str
    size: int


def park(
    tx: Tx,
    intake_id: str,
    reason: str,
    stage: str,
    now: datetime,
    *,
    known_by: tuple[str | None, str | None] = (None, None),
) -> None:
    """Set an arrival aside with its reason; its bytes stay, and it can be sent round again (P8).

    ``known_by`` is its Message-ID and sender where it could be read, so that it can be looked up (P38).
    """
    message_id, sender = known_by
    tx.execute(
        update(tables.arrival)
        .where(tables.arrival.c.intake_id == intake_id, tables.arrival.c.outcome == "pending")
        .values(
            outcome="parked",
            reason=reason,
            stage=stage,
            owner=None,
            finished_at=now,
            message_id=message_id,
            sender=sender,
        )
    )


def listed(tx: Tx, limit: int = 500, *, intake_id: str | None = None) -> tuple[ParkedArrival, ...]:
    """Return what is set aside, oldest first; with ``intake_id`` only that arrival, or nothing."""
    arrival = tables.arrival.c
    query = select(tables.arrival).where(text("outcome = 'parked'")).order_by(arrival.finished_at).limit(limit)
    query = query.where(arrival.intake_id == intake_id) if intake_id else query
    return tuple(_parked(row) for row in tx.execute(query))


def _parked(row: Any) -> ParkedArrival:
    envelope = Envelope.model_validate_json(row.envelope)
    return ParkedArrival(
        row.intake_id, row.reason or "", row.stage, row.attempts, row.finished_at, row.accepted_at,
        row.door, row.account, envelope.mail_from, envelope.rcpt_to, row.raw_sha256, row.size,
    )  # fmt: skip


def retry(tx: Tx, intake_id: str, now: datetime) -> bool:
    """Send a parked arrival round again, as if it had just come. Return False when it is not parked."""
    done = tx.execute(
        update(tables.arrival)
        .where(tables.arrival.c.intake_id == intake_id, tables.arrival.c.outcome == "parked")
        .values(outcome="pending", reason=None, stage=RELEASED, attempts=0, due_at=now, finished_at=None)
    )
    tx.signal("process")
    return done.rowcount == 1


def drop(tx: Tx, intake_id: str, person: str, now: datetime) -> bool:
    """Close a parked arrival for good, by a person's word; the bytes and the reason stay on record."""
    dropped = literal(f"dropped by {person}: ", CleanText) + tables.arrival.c.reason
    done = tx.execute(
        update(tables.arrival)
        .where(tables.arrival.c.intake_id == intake_id, tables.arrival.c.outcome == "parked")
        .values(outcome="suppressed", reason=dropped, finished_at=now)
    )
    return done.rowcount == 1

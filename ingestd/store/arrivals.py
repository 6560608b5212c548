"""Arrivals: kept before they are accepted, claimed by one node at a time, finished with one outcome.

The delivery key makes one delivery one arrival, forever: a repeated SMTP transaction within the retry horizon, a
mailbox read again from the start, a webhook sent twenty times all find the first one (P3, P4).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Integer, bindparam, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ingestd.store import tables
from ingestd.store.blobs import Blobs
from ingestd.store.blobs.blob import Content
from ingestd.store.leases import living
from ingestd.store.prepared import Prepared, among
from ingestd.store.session import Tx
from ingestd.store.types import CleanText
from parsers.arrival import Envelope

RETRY_HORIZON = timedelta(days=5)
"""So long an SMTP client retries (RFC 5321 §4.5.4.1); the same transaction later is a new delivery."""
PENDING = text("outcome = 'pending'")
"""Spelled as in the index: SQLite uses a partial index only for the very same words."""
_KEY = [tables.arrival.c.delivery_key]
_INSERT = Prepared(
    sqlite_insert(tables.arrival).on_conflict_do_nothing(index_elements=_KEY),
    postgres_insert(tables.arrival).on_conflict_do_nothing(index_elements=_KEY),
)
_KEPT = select(tables.arrival.c.intake_id, tables.arrival.c.accepted_at)
_WITH_KEY = Prepared(_KEPT.where(tables.arrival.c.delivery_key == bindparam("key")))
_HORIZON_DAYS = RETRY_HORIZON.days
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Delivery:
    """One act of coming in, ready to be kept. ``key`` identifies it at its door; see ``smtp_key``."""

    key: str
    door: str
    account: str
    kind: str
    envelope: Envelope
    received_at: datetime
    mailbox: str | None = None
    uidvalidity: int | None = None
    uid: int | None = None
    envelope_id: str | None = None
    webhook_id: str | None = None
    horizon: timedelta | None = None


@dataclass(frozen=True)
class Kept:
    """What keep answers: the arrival's public id, and whether this delivery had been kept before."""

    intake_id: str
    repeated: bool


@dataclass(frozen=True)
class Claimed:
    """An arrival that this node works on."""

    intake_id: str
    door: str
    account: str
    kind: str
    envelope: Envelope
    raw_sha256: str
    size: int
    received_at: datetime
    accepted_at: datetime
    attempts: int
    stage: str = "kept"


def smtp_key(sha256: str, envelope: Envelope) -> str:
    """Return the key of an SMTP delivery: content digest, envelope and peer (P4)."""
    parts = (sha256, envelope.mail_from or "", envelope.rcpt_to or "", envelope.peer or "")
    return "smtp:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def new_intake_id() -> str:
    """Return a fresh id: 26 characters that sort by time (48 bits of milliseconds, 80 random bits)."""
    number = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10))
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def keep(
    tx: Tx, blobs: Blobs, deliveries: Sequence[Delivery], sha256: str, content: Content, size: int, now: datetime
) -> tuple[Kept, ...]:
    """Commit the octets and one arrival for each delivery; only after that commit may the door say yes (P1)."""
    blobs.put(tx, sha256, content)
    kept = tuple(_keep_one(tx, delivery, sha256, size, now) for delivery in deliveries)
    tx.signal("process")
    return kept


def _keep_one(tx: Tx, delivery: Delivery, sha256: str, size: int, now: datetime) -> Kept:
    values = _row(delivery, sha256, size, now)
    if tx.run(_INSERT, values).rowcount:
        return Kept(str(values["intake_id"]), repeated=False)
    known = _known(tx, delivery, now)
    if delivery.horizon is None or known[0].accepted_at > now - delivery.horizon:
        return Kept(known[0].intake_id, repeated=True)
    if tx.run(_INSERT, {**values, "delivery_key": _dated(delivery.key, now)}).rowcount:
        return Kept(str(values["intake_id"]), repeated=False)
    return Kept(_known(tx, delivery, now)[0].intake_id, repeated=True)  # another node was faster


def _row(delivery: Delivery, sha256: str, size: int, now: datetime) -> dict[str, object]:
    return {
        "intake_id": new_intake_id(),
        "delivery_key": delivery.key,
        "door": delivery.door,
        "account": delivery.account,
        "mailbox": delivery.mailbox,
        "uidvalidity": delivery.uidvalidity,
        "uid": delivery.uid,
        "envelope_id": delivery.envelope_id,
        "webhook_id": delivery.webhook_id,
        "kind": delivery.kind,
        "envelope": delivery.envelope.model_dump_json(),
        "raw_sha256": sha256,
        "size": size,
        "received_at": delivery.received_at,
        "accepted_at": now,
        "outcome": "pending",
        "stage": "kept",
        "attempts": 0,
        "due_at": now,
    }


def _known(tx: Tx, delivery: Delivery, now: datetime) -> Sequence[Any]:
    """Return what this delivery was kept as, the newest first."""
    first = tx.run(_WITH_KEY, {"key": delivery.key}).rows
    if delivery.horizon is None:
        return first
    dated = [_dated(delivery.key, now - timedelta(days=days)) for days in range(_HORIZON_DAYS + 1)]
    query = _KEPT.where(tables.arrival.c.delivery_key.in_(dated)).order_by(tables.arrival.c.accepted_at.desc())
    return [*tx.execute(query), *first]


def _dated(key: str, day: datetime) -> str:
    return f"{key}:{day:%Y%m%d}"


def claim(tx: Tx, holder: str, limit: int, now: datetime, walking: Collection[str] = ()) -> tuple[Claimed, ...]:
    """Claim up to ``limit`` pending arrivals, oldest first, that no living node holds. One statement a batch.

    What is among ``walking`` is on the road in this process and never free, whatever became of our lease. What bears
    our own name and is not is free: the answer to its claim, or the word that it was put back, was lost with a
    connection (F17).
    """
    values = {"holder": holder, "limit": limit, "now": now, "moment": datetime.now(UTC), "mine": [*walking]}
    claimed = [_claimed(row) for row in tx.run(_CLAIM, values).rows]
    return tuple(sorted(claimed, key=lambda one: one.accepted_at))


def _claim(*, postgres: bool) -> Executable:
    arrival, holder = tables.arrival, bindparam("holder", type_=CleanText)
    owner = arrival.c.owner
    unheld = or_(owner.is_(None), owner.not_in(living(postgres=postgres)), owner == holder)
    walking = among(arrival.c.intake_id, "mine", postgres=postgres)
    free = (
        select(arrival.c.intake_id)
        .where(PENDING, arrival.c.due_at <= bindparam("now"), unheld, ~walking)
        .order_by(arrival.c.due_at)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    return (
        update(arrival)
        .where(arrival.c.intake_id.in_(free.scalar_subquery()))
        .values(owner=holder, attempts=arrival.c.attempts + 1)
        .returning(*(arrival.c[field.name] for field in fields(Claimed)))
    )


_CLAIM = Prepared(_claim(postgres=False), _claim(postgres=True))


def _claimed(row: Any) -> Claimed:
    return Claimed(
        intake_id=row.intake_id,
        door=row.door,
        account=row.account,
        kind=row.kind,
        envelope=Envelope.model_validate_json(row.envelope),
        raw_sha256=row.raw_sha256,
        size=row.size,
        received_at=row.received_at,
        accepted_at=row.accepted_at,
        attempts=row.attempts,
        stage=row.stage,
    )


def put_back(tx: Tx, intake_id: str, holder: str, due_at: datetime, *, counts: bool = True) -> None:
    """Give a claimed arrival back, to be tried again at ``due_at``; ``counts`` says whether this was a try."""
    tx.execute(
        update(tables.arrival)
        .where(tables.arrival.c.intake_id == intake_id, tables.arrival.c.owner == holder)
        .values(owner=None, due_at=due_at, attempts=tables.arrival.c.attempts - (0 if counts else 1))
    )


def give_back_all(tx: Tx, holder: str) -> None:
    """Give back all that this node has claimed and not finished; it did not count as a try (P16)."""
    tx.execute(
        update(tables.arrival)
        .where(tables.arrival.c.outcome == "pending", tables.arrival.c.owner == holder)
        .values(owner=None, attempts=tables.arrival.c.attempts - 1)
    )

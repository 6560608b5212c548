"""Proves P6 from the rows: for each door, what was accepted is what became of it, and each outcome has what it claims.

The sums alone could hardly fail; the checks make sure that a lost, doubled or half-written arrival is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, null, or_, select

from ingestd.store import tables
from ingestd.store.blobs import Blobs
from ingestd.store.known import ACKS
from ingestd.store.session import Store, Tx

OUTCOMES = ("created", "appended", "duplicate", "suppressed", "parked", "pending")
"""Every outcome there is, in the order of the sum."""
NEED_REASON = ("suppressed", "parked")
LETTER_STATES = ("pending", "sending", "sent", "failed", "cancelled", "withheld")
PAGE = 500
"""Arrivals whose blobs are looked at in one transaction: no reader holds back the log of the database for long."""

_arrival, _box = tables.arrival.c, tables.outbox.c


@dataclass(frozen=True)
class DoorSum:
    """What one door accepted, and what became of it; of suppressed and parked only what has a reason counts."""

    door: str
    accepted: int
    outcomes: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]

    @property
    def holds(self) -> bool:
        """Whether everything accepted is accounted for."""
        plain = sum(self.outcomes[name] for name in OUTCOMES if name not in NEED_REASON)
        return self.accepted == plain + sum(sum(self.reasons[name].values()) for name in NEED_REASON)


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it claims: which check found it, on what, and what is wrong there."""

    check: str
    subject: str
    sentence: str


@dataclass(frozen=True)
class Check:
    """A question whose answer must be empty; each row's first column is what the fault is about."""

    name: str
    sentence: str
    query: Callable[[], Select[Any]]


def sums(tx: Tx) -> tuple[DoorSum, ...]:
    """Return the sum of each door, all read in one transaction."""
    counts = [func.count().filter(_arrival.outcome == name).label(name) for name in OUTCOMES]
    query = select(_arrival.door, func.count().label("accepted"), *counts).group_by(_arrival.door)
    reasons = _reasons(tx)
    return tuple(
        DoorSum(
            row.door,
            row.accepted,
            {name: row._mapping[name] for name in OUTCOMES},
            {name: reasons.get((row.door, name), {}) for name in NEED_REASON},
        )
        for row in tx.execute(query.order_by(_arrival.door))
    )


def _reasons(tx: Tx) -> dict[tuple[str, str], dict[str, int]]:
    query = select(_arrival.door, _arrival.outcome, _arrival.reason, func.count().label("number"))
    query = query.where(_arrival.outcome.in_(NEED_REASON), func.coalesce(_arrival.reason, "") != "")
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in tx.execute(query.group_by(_arrival.door, _arrival.outcome, _arrival.reason).order_by(_arrival.reason)):
        found.setdefault((row.door, row.outcome), {})[row.reason] = row.number
    return found


def faults(tx: Tx, limit: int) -> tuple[Fault, ...]:
    """Return what the checks find, at most ``limit`` faults of each."""
    return tuple(
        Fault(check.name, str(row[0]), check.sentence)
        for check in CHECKS
        for row in tx.execute(check.query().limit(limit))
    )


def _unknown_outcome() -> Select[Any]:
    return select(_arrival.intake_id).where(_arrival.outcome.not_in(OUTCOMES))


def _unfinished() -> Select[Any]:
    return select(_arrival.intake_id).where((_arrival.outcome == "pending") != _arrival.finished_at.is_(None))


def _without_ticket() -> Select[Any]:
    there = exists().where(tables.ticket.c.ticket_no == _arrival.ticket_no)
    return select(_arrival.intake_id).where(_arrival.outcome == "created", ~there)


def _not_made_once() -> Select[Any]:
    makers = select(func.count()).where(_arrival.ticket_no == tables.ticket.c.ticket_no, _arrival.outcome == "created")
    return select(tables.ticket.c.ticket_no).where(makers.scalar_subquery() != 1)


def _not_in_history() -> Select[Any]:
    entry = tables.entry.c
    there = exists().where(entry.ticket_no == _arrival.ticket_no, entry.intake_id == _arrival.intake_id)
    return select(_arrival.intake_id).where(_arrival.outcome.in_(("created", "appended")), ~there)


def _no_original() -> Select[Any]:
    first = tables.arrival.alias("first").c
    there = exists().where(first.intake_id == _arrival.duplicate_of, first.outcome != "duplicate")
    return select(_arrival.intake_id).where(_arrival.outcome == "duplicate", ~there)


def _no_reason() -> Select[Any]:
    return select(_arrival.intake_id).where(_arrival.outcome.in_(NEED_REASON), func.coalesce(_arrival.reason, "") == "")


def _not_one_ack() -> Select[Any]:
    acks = select(func.count()).where(
        _box.ticket_no == tables.ticket.c.ticket_no, _box.kind.in_(ACKS), _box.episode == "first"
    )
    return select(tables.ticket.c.ticket_no).where(acks.scalar_subquery() != 1)


def _silent_letter() -> Select[Any]:
    silent = and_(_box.state.in_(("withheld", "failed", "cancelled")), func.coalesce(_box.reason, "") == "")
    return select(_box.mail_id).where(or_(silent, _box.state.not_in(LETTER_STATES)))


def _sent_unwritten() -> Select[Any]:
    return select(_box.mail_id).where(_box.state == "sent", or_(_box.sent_at.is_(None), _box.letter_sha256.is_(None)))


CHECKS: tuple[Check, ...] = (
    Check("outcome", "has an outcome that there is not", _unknown_outcome),
    Check("finished", "is finished without an outcome, or has one and is not finished", _unfinished),
    Check("created", "created a ticket that is not there", _without_ticket),
    Check("once", "was not created by exactly one arrival", _not_made_once),
    Check("history", "joined a ticket whose history does not know it", _not_in_history),
    Check("duplicate", "repeats an arrival that is not there", _no_original),
    Check("reason", "was set aside without a reason", _no_reason),
    Check("answer", "does not have exactly one first acknowledgement, owed or withheld", _not_one_ack),
    Check("letter", "is a letter that was not sent, and nobody says why", _silent_letter),
    Check("sent", "is a letter said to be sent that was never written", _sent_unwritten),
)
"""What every finished arrival, ticket and letter must have."""


@dataclass(frozen=True)
class _Kept:
    subject: str
    sha256: str
    size: int | None


_Columns = tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]
ARRIVALS: _Columns = (_arrival.intake_id, _arrival.raw_sha256, _arrival.size)
LETTERS: _Columns = (_box.mail_id, _box.letter_sha256, null())
"""What has octets: its id, their hash, and their number where it is on record."""


def blob_faults(store: Store, blobs: Blobs, scratch: Path, *, deep: bool) -> Iterator[Fault]:
    """Yield a fault for each arrival and letter whose octets are missing or not as long as stated.

    ``deep`` reads them all and compares their hashes.
    """
    for columns in ARRIVALS, LETTERS:
        after = ""
        while page := store.read(partial(_page, columns=columns, after=after)):
            yield from store.read(partial(_examined, page=page, blobs=blobs, scratch=scratch, deep=deep))
            after = page[-1].subject


def _page(tx: Tx, columns: _Columns, after: str) -> list[_Kept]:
    name, sha256, size = columns
    query = (
        select(name.label("subject"), sha256.label("sha256"), size.label("size"))
        .where(name > after, sha256.is_not(None))
        .order_by(name)
        .limit(PAGE)
    )
    return [_Kept(row.subject, row.sha256, row.size) for row in tx.execute(query)]


def _examined(tx: Tx, page: Sequence[_Kept], blobs: Blobs, scratch: Path, deep: bool) -> list[Fault]:
    lengths = _lengths(tx, page)
    found = []
    for kept in page:
        sentence = _hash_fault(tx, kept, blobs) if deep else None
        sentence = sentence or _size_fault(tx, kept, blobs, scratch, lengths.get(kept.sha256))
        if sentence:
            found.append(Fault("octets", kept.subject, sentence))
    return found


def _lengths(tx: Tx, page: Sequence[_Kept]) -> dict[str, int]:
    blob = tables.blob.c
    query = select(blob.sha256, func.length(blob.data).label("length")).where(
        blob.sha256.in_([kept.sha256 for kept in page])
    )
    return {row.sha256: row.length for row in tx.execute(query)}


def _size_fault(tx: Tx, kept: _Kept, blobs: Blobs, scratch: Path, length: int | None) -> str | None:
    """Look at a row's length, or else at the file's: ``path`` copies rows only, and this is none."""
    try:
        found = blobs.path(tx, kept.sha256, scratch).stat().st_size if length is None else length
    except (KeyError, OSError):
        return "has lost its octets"
    return None if kept.size in (None, found) else f"has {found} octets instead of {kept.size}"


def _hash_fault(tx: Tx, kept: _Kept, blobs: Blobs) -> str | None:
    try:
        data = blobs.get(tx, kept.sha256)
    except (KeyError, OSError):
        return "has lost its octets"
    return None if hashlib.sha256(data).hexdigest() == kept.sha256 else "has octets that are not those that came in"

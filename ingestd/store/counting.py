"""How much waits: each figure from a partial index, so that asking costs what waits and not what is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text

from ingestd.store import tables
from ingestd.store.arrivals import PENDING
from ingestd.store.outbox import UNENDED
from ingestd.store.session import Tx

PARKED = text("outcome = 'parked'")


@dataclass(frozen=True)
class Backlog:
    """Arrivals not decided, arrivals set aside, letters not carried."""

    pending: int
    parked: int
    letters: int


def backlog(tx: Tx) -> Backlog:
    """Count what waits now."""
    arrivals = select(func.count()).select_from(tables.arrival)
    letters = select(func.count()).select_from(tables.outbox).where(UNENDED)
    return Backlog(
        tx.execute(arrivals.where(PENDING)).scalar_one(),
        tx.execute(arrivals.where(PARKED)).scalar_one(),
        tx.execute(letters).scalar_one(),
    )

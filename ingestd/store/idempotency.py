"""The same write twice is one write: an answer is remembered in the very transaction that did the work.

So there is no moment at which the work is done and its answer is not known, whatever crashes (P3). A refusal changed
nothing and is not remembered, nor is an empty answer.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select

from ingestd import clock
from ingestd.errors import Permanent
from ingestd.store import tables
from ingestd.store.session import Tx, Units

T = TypeVar("T")
_seen = tables.idempotency


@dataclass(frozen=True)
class Keyed:
    """One write as its caller names it: whose token, the key, and a digest of what is asked."""

    token_id: str
    key: str
    request_sha256: str


class Replay(Exception):
    """This write was done before; ``answer`` is what was answered then. Nothing was written now."""

    def __init__(self, answer: str) -> None:
        super().__init__("done before")
        self.answer = answer


@dataclass(frozen=True)
class Once:
    """A store whose next write is done once for its key. ``render`` makes the answer's text of the unit's value."""

    store: Units
    keyed: Keyed
    render: Callable[[Any], str]

    def read(self, work: Callable[[Tx], T]) -> T:
        """Read as the store does."""
        return self.store.read(work)

    def write(self, work: Callable[[Tx], T], *, serial: bool = False, fenced: bool = False) -> Future[T]:
        """Do the unit and remember its answer; the future raises Replay when that had been done before."""

        def unit(tx: Tx) -> T:
            _replay(tx, self.keyed)
            value = work(tx)
            if value:
                _remember(tx, self.keyed, self.render(value), clock.now())
            return value

        return self.store.write(unit, serial=serial, fenced=fenced)


def forget(tx: Tx, before: datetime) -> int:
    """Drop the answers from before that moment; return how many. To be called now and then."""
    return tx.execute(delete(_seen).where(_seen.c.at < before)).rowcount


def _replay(tx: Tx, keyed: Keyed) -> None:
    same = (_seen.c.token_id == keyed.token_id, _seen.c.key == keyed.key)
    row = tx.execute(select(_seen.c.request_sha256, _seen.c.answer).where(*same)).first()
    if row is None:
        return
    if row.request_sha256 != keyed.request_sha256:
        raise Permanent("this Idempotency-Key was used for another request; use a new one", code="idempotency-key")
    raise Replay(row.answer)


def _remember(tx: Tx, keyed: Keyed, answer: str, now: datetime) -> None:
    values = {
        "token_id": keyed.token_id,
        "key": keyed.key,
        "request_sha256": keyed.request_sha256,
        "status": 200,
        "answer": answer,
        "at": now,
    }
    tx.execute(insert(_seen).values(**values))

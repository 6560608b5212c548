"""Counters: numbers of tickets and customers, and the acknowledgements of an hour."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ingestd.store import tables
from ingestd.store.prepared import Prepared
from ingestd.store.session import Tx

_ONE_MORE = {"value": tables.counter.c.value + 1}
_NAME, _VALUE = [tables.counter.c.name], tables.counter.c.value
_COUNT = Prepared(
    sqlite_insert(tables.counter).on_conflict_do_update(index_elements=_NAME, set_=_ONE_MORE).returning(_VALUE),
    postgres_insert(tables.counter).on_conflict_do_update(index_elements=_NAME, set_=_ONE_MORE).returning(_VALUE),
)


def next_value(tx: Tx, name: str) -> int:
    """Return the next value of a counter, from 1. The row is held to the commit, so no number is given twice."""
    return int(tx.run(_COUNT, {"name": name, "value": 1}).rows[0].value)


def count(tx: Tx, name: str) -> None:
    """Add one to a counter whose value nobody needs now."""
    tx.put(_COUNT, {"name": name, "value": 1})

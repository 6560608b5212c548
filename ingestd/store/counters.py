"""Counters: numbers of tickets and customers, and the acknowledgements of an hour."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Insert, Table
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ingestd.store import tables
from ingestd.store.prepared import Rows
from ingestd.store.session import Tx


def _one_more(table: Table, postgres: bool) -> Insert:
    new = (postgres_insert if postgres else sqlite_insert)(table)
    value = {"value": table.c.value + 1}
    return new.on_conflict_do_update(index_elements=[table.c.name], set_=value).returning(table.c.name, table.c.value)


_COUNT = Rows(tables.counter, _one_more)


def next_values(tx: Tx, names: Sequence[str]) -> tuple[int, ...]:
    """Return the next value of each counter, from 1. The rows are held to the commit, so no number is given twice."""
    found = {row.name: row.value for row in tx.run(*_COUNT.call(_ones(names))).rows}
    return tuple(int(found[name]) for name in names)


def count(tx: Tx, name: str) -> None:
    """Add one to a counter whose value nobody needs now."""
    tx.put_rows(_COUNT, _ones([name]))


def _ones(names: Sequence[str]) -> list[dict[str, object]]:
    return [{"name": name, "value": 1} for name in names]

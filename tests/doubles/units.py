"""Units of work for tests of the store: one that holds the writer, and some that leave a trace."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import event, insert, select

from ingestd.store import tables
from ingestd.store.session import Store, Tx

WAIT = 30


class Stopper:
    """A unit that holds the writer until it is released, so that the units behind it wait for one commit."""

    def __init__(self, store: Store) -> None:
        self._begun, self._free = threading.Event(), threading.Event()
        self.answer = store.write(self._hold)
        assert self._begun.wait(WAIT)

    def _hold(self, _tx: Tx) -> None:
        self._begun.set()
        assert self._free.wait(WAIT)

    def release(self) -> None:
        """Let the writer go on."""
        self._free.set()


def count(name: str, value: int = 1) -> Callable[[Tx], None]:
    """A unit that writes one counter row; a second one of the same name breaks the primary key."""

    def unit(tx: Tx) -> None:
        tx.execute(insert(tables.counter).values(name=name, value=value))

    return unit


def names(store: Store) -> list[str]:
    """The names of all counters that are committed."""
    return sorted(store.read(lambda tx: list(tx.execute(select(tables.counter.c.name)).scalars())))


def commits(store: Store) -> list[str]:
    """A list that grows by one with each commit of the writer."""
    seen: list[str] = []
    event.listen(store.engine, "commit", lambda _connection: seen.append("commit"))
    return seen

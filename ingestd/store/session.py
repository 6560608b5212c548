"""The one way into the database: units of work on one writer thread, reads beside it.

A unit of work is a function of a ``Tx``. The writer takes all units that wait into one transaction and answers them
after the commit: one fsync serves many mails (group commit). Where a unit fails on its own account, they all run again
with a savepoint each, so that it alone is undone; where the database refused it, each runs in a transaction of its own.
The same code serves both databases. A unit may run several times before a commit and must not count them; after a
COMMIT without an answer (F17) it is not run again, its caller is told ``Temporary`` and may ask once more.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from ingestd.errors import Temporary
from ingestd.store import engines
from ingestd.store.failures import away_is_temporary, code_of, connection_lost, lost_race
from ingestd.store.prepared import Prepared
from ingestd.store.transaction import Tx
from ingestd.store.units import ATTEMPTS, Spoiled, Undone, Unit, Units, answer, attempt

__all__ = ["Store", "Tx", "Units"]
T = TypeVar("T")
GROUP = 64
"""At most so many units share one commit, so that one of them never waits long for the others."""
TRUSTED_SECONDS = 5.0
"""A connection to a server that was silent for longer is asked whether it still lives before it is used again."""
SERIAL_LOCK = 0x1276E57D
"""PostgreSQL advisory lock under which arrivals are decided one after the other over all nodes."""
_LOCK, _NOTIFY = (
    Prepared(text("SELECT pg_advisory_xact_lock(:key)")),
    Prepared(text("SELECT pg_notify('ingestd', :signal)")),
)


class Store:
    """An open database. ``close`` it at the end; until then any thread may call it."""

    def __init__(self, url: str, durability: str = "full", *, readers: int = 4) -> None:
        self.url = url
        self._writer = engines.writer_engine(url, durability)
        self._held: Connection | None = None
        self._last_used = 0.0
        self._is_committing = False
        self._readers = engines.reader_engine(url, durability, readers)
        self._durability = durability
        self._waiting: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[str], None]] = []
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.fence: Callable[[Tx], None] | None = None
        self.healthy = True

    @property
    def postgres(self) -> bool:
        """Whether PostgreSQL keeps us (several nodes) or SQLite (one)."""
        return self._writer.dialect.name == "postgresql"

    @property
    def engine(self) -> Engine:
        """The writer's engine, for migrations only."""
        return self._writer

    def assert_durable(self) -> None:
        """Raise ConfigError unless commits are durable as configured (P1)."""
        with away_is_temporary():
            engines.assert_durable(self._readers, self._durability)

    def write(self, work: Callable[[Tx], T], *, serial: bool = False, fenced: bool = False) -> Future[T]:
        """Queue a unit of work; its answer comes after the commit, or its error after the rollback.

        ``serial``: decided one after the other over all nodes (tickets are made so). ``fenced``: refused when this
        node's lease is lost (P28). The answer is the unit's own error, or Temporary when the database failed.
        """
        unit = Unit(work, serial=serial, fenced=fenced)
        self._start()
        self._waiting.put(unit)
        return unit.answer

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run a reading function now, in the calling thread. Raise Temporary when the database fails."""
        try:
            with self._readers.connect() as connection:
                return work(Tx(connection))
        except (OperationalError, InterfaceError) as error:
            raise Temporary("the store cannot be read right now", code="store") from error

    def on_signal(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with each signal after its commit, on the writer's thread."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Finish the waiting units, then close every connection."""
        if self._thread:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None
        self._let_go()
        self._writer.dispose()
        self._readers.dispose()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (unit := self._waiting.get()) is not None:
            group, stopping = self._gather(unit)
            # from here on nobody can take a unit back, so its answer always finds a taker
            if begun := [one for one in group if one.answer.set_running_or_notify_cancel()]:
                self._commit(begun)
            if stopping:
                return

    def _gather(self, first: Unit) -> tuple[list[Unit], bool]:
        group = [first]
        while len(group) < GROUP:
            try:
                unit = self._waiting.get_nowait()
            except queue.Empty:
                break
            if unit is None:
                return group, True
            group.append(unit)
        return group, False

    def _commit(self, group: list[Unit]) -> None:
        was_held = self._held is not None
        try:
            signals = self._hopefully(group)
        except Undone:
            signals = set()
        except Exception as error:  # the transaction as a whole failed: nothing of it is stored, every unit is told
            if was_held and connection_lost(error) and not self._is_committing:  # it may have died long ago
                self._let_go()
                self._commit(group)
            else:
                self._failed(group, error)
            return
        self._committed(group, signals)

    def _committed(self, group: list[Unit], signals: set[str]) -> None:
        self.healthy = True
        for unit in group:
            answer(unit)
        for signal in signals:
            for listener in self._listeners:
                listener(signal)

    def _failed(self, group: list[Unit], error: Exception) -> None:
        by_one = any(unit.error is error for unit in group) and not connection_lost(error)
        if len(group) > 1 and (by_one or lost_race(error)):
            for unit in group:  # one unit broke the transaction of all; alone it breaks only its own
                self._commit([unit])
        elif not (lost_race(error) and self._again(group[0])):
            self._give_up(group, error)

    def _give_up(self, group: list[Unit], error: Exception) -> None:
        self.healthy = isinstance(error, IntegrityError)
        self._let_go()
        self._writer.dispose()
        for unit in group:
            unit.error = Temporary("the store cannot be written right now", code=code_of(error))
            unit.error.__cause__ = error
            answer(unit)

    def _again(self, unit: Unit) -> bool:
        for _ in range(ATTEMPTS):
            try:
                signals = self._together([unit])
            except Undone:
                signals = set()
            except DBAPIError as error:
                if not lost_race(error):
                    return False
                continue
            self._committed([unit], signals)
            return True
        return False

    def _hopefully(self, group: list[Unit]) -> set[str]:
        """Commit the group as if every unit will succeed; where one does not, all run again, a savepoint each.

        Savepoints are a fifth of what the database is told for a mail, and hardly ever is one gone back to.
        """
        try:
            return self._together(group)
        except Spoiled:
            return self._together(group, guarded=True)

    def _together(self, group: list[Unit], *, guarded: bool = False) -> set[str]:
        self._is_committing = False
        connection = self._connection()
        with connection.begin():
            tx = Tx(connection)
            if tx.postgres and any(unit.serial for unit in group):
                tx.put(_LOCK, {"key": SERIAL_LOCK})
            self._run_all(tx, group, guarded=guarded)
            for signal in tx.signals if tx.postgres else ():
                tx.put(_NOTIFY, {"signal": signal})
            tx.flush()
            self._is_committing = True  # from here on nobody knows what the server did with it
            return tx.signals

    def _run_all(self, tx: Tx, group: list[Unit], *, guarded: bool) -> None:
        held = self._check_fence(tx, group)
        for unit in group:
            unit.error = held if unit.fenced else None
            if unit.error is None:
                attempt(tx, unit, guarded=guarded)
                if unit.has_failed() and not guarded:
                    raise Undone if len(group) == 1 else Spoiled

    def _connection(self) -> Connection:
        """The one connection that writes, kept between groups: to take it from its pool costs as much as to commit."""
        now = time.monotonic()
        if self._held is not None and now - self._last_used > TRUSTED_SECONDS:
            self._let_go()
        if self._held is None:
            self._held = self._writer.connect()
        self._last_used = now
        return self._held

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            with contextlib.suppress(DBAPIError):
                held.close()

    def _check_fence(self, tx: Tx, group: list[Unit]) -> Exception | None:
        if self.fence is None or not any(unit.fenced for unit in group):
            return None
        try:
            self.fence(tx)
        except Temporary as error:
            return error
        return None

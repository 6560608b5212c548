"""One transaction, as a unit of work sees it: what it asks, what it writes, and whom it wakes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, text

from ingestd.store import prepared
from ingestd.store.prepared import Answer, Prepared, Rows

_SAVEPOINT = Prepared(text("SAVEPOINT unit"))
_BACK = Prepared(text("ROLLBACK TO SAVEPOINT unit"))
_RELEASE = Prepared(text("RELEASE SAVEPOINT unit"))


class Tx:
    """One transaction, as a unit of work sees it. ``signal`` names a loop to wake after the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[prepared.Call] = []
        self.signals: set[str] = set()
        self.postgres = connection.dialect.name == "postgresql"

    def execute(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run one statement (multi-row where ``values`` is a sequence)."""
        self.flush()
        result: CursorResult[Any] = self._connection.execute(statement, values)
        return result

    def run(self, statement: Prepared, values: Mapping[str, Any]) -> Answer:
        """Run one prepared statement, after those that wait."""
        calls, self._waiting = [*self._waiting, (statement, values)], []
        return prepared.run(self._connection, calls)

    def put(self, statement: Prepared, values: Mapping[str, Any]) -> None:
        """Run a prepared statement whose answer nobody needs: to a server it travels with the next one that does.

        What it may raise is raised there, or at the unit's end.
        """
        self._waiting.append((statement, values))
        if not self.postgres:
            self.flush()

    def put_rows(self, into: Rows, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert these rows, if there are any, as ``put`` does."""
        if rows:
            self.put(*into.call(rows))

    def flush(self) -> None:
        """Send what waits."""
        calls, self._waiting = self._waiting, []
        if calls:
            prepared.run(self._connection, calls)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is done inside when it raises; what was not even sent stays unsent.

        Spelled out: SQLAlchemy's own bookkeeping of savepoints costs more than most statements inside.
        """
        self.put(_SAVEPOINT, {})
        try:
            yield
            self.run(_RELEASE, {})
        except BaseException:
            self._waiting = [call for call in self._waiting if call[0] is _SAVEPOINT]
            self.put(_BACK, {})
            self.run(_RELEASE, {})
            raise

    def signal(self, loop: str) -> None:
        """Wake the named loop (``process``, ``deliver``, …) on every node once this is committed."""
        self.signals.add(loop)

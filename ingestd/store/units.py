"""A unit of work on its way through the writer: what is to be run, how it went, and who waits for its answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError

from ingestd.store.failures import is_own_fault
from ingestd.store.transaction import Tx

T = TypeVar("T")
ATTEMPTS = 3
"""A unit that lost a race (unique key, deadlock, serialization) is run again so often."""


@dataclass
class Unit:
    """What the writer is asked to run; see ``Store.write``. Either ``value`` or ``error`` is told afterwards."""

    work: Callable[[Tx], Any]
    answer: Future[Any] = field(default_factory=Future)
    serial: bool = False
    fenced: bool = False
    value: Any = None
    error: BaseException | None = None

    def has_failed(self) -> bool:
        """Whether its work has raised."""
        return self.error is not None


class Units(Protocol):
    """What runs units of work: the store itself, or what stands before it."""

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run a reading function now."""

    def write(self, work: Callable[[Tx], T], *, serial: bool = False, fenced: bool = False) -> Future[T]:
        """Queue a unit of work; see ``Store.write``."""


class Undone(Exception):
    """The only unit of a transaction failed on its own account; it is rolled back and told."""


class Spoiled(Exception):
    """A unit of an unguarded group failed on its own account: the group must run again, with savepoints."""


def attempt(tx: Tx, unit: Unit, *, guarded: bool) -> None:
    """Run the unit's work, ``guarded`` by a savepoint of its own, and note how it went.

    Raise what spoils the whole transaction; the unit's own fault is only noted.
    """
    try:
        unit.value = _guarded(tx, unit) if guarded else _unguarded(tx, unit)
        unit.error = None
    except DBAPIError as error:
        unit.error = error
        if not is_own_fault(error):
            raise
    except Exception as error:  # the unit's own trouble: it is rolled back and told, the others go on
        unit.error = error


def _guarded(tx: Tx, unit: Unit, attempts: int = ATTEMPTS) -> Any:
    try:
        with tx.savepoint():
            return unit.work(tx)
    except IntegrityError:  # lost a race for a unique key: the winner is visible now
        if attempts == 1:
            raise
    return _guarded(tx, unit, attempts - 1)


def _unguarded(tx: Tx, unit: Unit) -> Any:
    value = unit.work(tx)
    tx.flush()
    return value


def answer(unit: Unit) -> None:
    """Tell whoever waits for the unit."""
    if isinstance(unit.error, StopIteration):  # no future may carry one
        unit.answer.set_exception(RuntimeError(f"a unit of work raised {unit.error!r}"))
    elif unit.error is not None:
        unit.answer.set_exception(unit.error)
    else:
        unit.answer.set_result(unit.value)

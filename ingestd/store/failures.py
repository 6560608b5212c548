"""What a failure of the database means: try again, a fault of what was written, or the store is away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError

from ingestd.errors import Temporary

LOST = ("40001", "40P01")
"""SQLSTATE of a serialization failure and of a deadlock."""
BEYOND_LIMITS = "54"
"""SQLSTATE class of what exceeds a limit of the program, such as a key too long for an index."""


@contextlib.contextmanager
def away_is_temporary() -> Iterator[None]:
    """Turn the driver's "cannot be reached" into Temporary, without its text: that may name hosts and users."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Temporary("the database cannot be reached; start it, or correct store.url", code="store") from error


def lost_race(error: BaseException) -> bool:
    """Whether running again is the remedy: a deadlock, a serialization failure or a unique key taken meanwhile."""
    return isinstance(error, IntegrityError) or _sqlstate(error) in LOST


def is_own_fault(error: DBAPIError) -> bool:
    """Whether what was written can never be stored: no trouble of the database's."""
    return isinstance(error, DataError) or _sqlstate(error).startswith(BEYOND_LIMITS)


def connection_lost(error: BaseException) -> bool:
    """Whether the server went away under the transaction."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def code_of(error: BaseException) -> str:
    """Return the code that doors and readyz tell: ``storage-full`` where space is the reason, else ``store``."""
    words = str(getattr(error, "orig", error)).lower()
    return "storage-full" if "disk is full" in words or "no space left" in words else "store"


def _sqlstate(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")

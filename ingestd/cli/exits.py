"""The exit codes, and the one place where an error becomes a sentence on standard error and a code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from ingestd.cli.output import complain
from ingestd.errors import ConfigError, IngestdError, Permanent, Temporary

DONE, FOUND, USAGE, BAD_INPUT, UNAVAILABLE, AGAIN, CONFIGURATION = 0, 1, 2, 65, 69, 75, 78


class Unavailable(Temporary):
    """A peer cannot be reached: exit 69."""


CODES: tuple[tuple[type[IngestdError], int], ...] = (
    (ConfigError, CONFIGURATION),
    (Unavailable, UNAVAILABLE),
    (Temporary, AGAIN),
    (Permanent, BAD_INPUT),
    (IngestdError, AGAIN),
)
"""Looked at in this order. What is not known to be permanent may work later."""


@contextmanager
def told() -> Iterator[None]:
    """Tell whatever goes wrong in a verb, and end the process with the code for it."""
    try:
        yield
    except IngestdError as error:
        complain(error.sentence)
        sys.exit(next(code for kind, code in CODES if isinstance(error, kind)))
    except Exception as error:  # the program's edge: a fault of ours gets a sentence, and the verb has not been done
        if os.environ.get("INGESTD_DEBUG"):
            traceback.print_exc()
        complain(
            f"something unexpected went wrong ({type(error).__name__}); nothing more was done. "
            "Run the same with INGESTD_DEBUG=1 and report what it prints"
        )
        sys.exit(AGAIN)

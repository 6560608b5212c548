"""Opens the installation that a config names, for the verbs that work on this machine."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestd import config
from ingestd.app import Installation, open_installation
from ingestd.desk import Person


@contextmanager
def opened(path: Path | None, *, migrate: bool | None = None) -> Iterator[Installation]:
    """Open the installation for the time of one verb. Raise as ``config.load`` and ``open_installation`` do."""
    installation = open_installation(config.load(config.find(path)), migrate=migrate)
    try:
        yield installation
    finally:
        installation.close()


ADMIN = "admin"
"""Signs the history, and no letter: a customer is answered by the team."""


def admin() -> Person:
    """Return who acts on this machine: an admin, under the name of the account; root's name tells nobody anything."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a bare container
        return Person(ADMIN)
    return Person(ADMIN if name == "root" else name)

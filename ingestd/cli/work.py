"""The work of people from a terminal: the same verbs and the same answers, on the store or through a server.

Answers are the JSON objects of the API, so that what is printed does not depend on the way it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

Json = dict[str, Any]


class Work(Protocol):
    """What a person may do. Each raises the errors of the desk; a refusal changes nothing."""

    def queues(self) -> Json:
        """Return how much waits in each queue."""

    def pull(self, department: str, most: int, wait: timedelta, lease: timedelta) -> Json:
        """Lease what waits; wait for it so long while there is nothing."""

    def extend(self, lease_id: str, lease: timedelta) -> Json:
        """Prolong a lease from now on."""

    def give_back(self, lease_id: str, reason: str) -> Json:
        """Put a leased ticket back with the reason."""

    def done(self, lease_id: str) -> Json:
        """Take a leased ticket over."""

    def show(self, number: str) -> Json:
        """Return the whole file of a ticket."""

    def act(self, number: str, verb: str, body: Mapping[str, Any]) -> Json:
        """Do one of the verbs take, transfer, reply, note, resolve, reopen, and return the ticket."""


@contextmanager
def at_work(config: Path | None, server: str | None, token_file: Path | None) -> Iterator[Work]:
    """Open the server that is named, or else the store on this machine."""
    if server:
        from ingestd.cli.remote import Remote, connected

        with connected(server, token_file) as client:
            yield Remote(client)
        return
    from ingestd.cli.local import Local
    from ingestd.cli.opening import admin, opened

    with opened(config) as installation:
        yield Local(installation.desk, admin())

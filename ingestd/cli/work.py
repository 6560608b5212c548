"""The work of people from a terminal: the same verbs and the same answers, on the store or through a server.

Answers are the JSON objects of the API, so that what is printed does not depend on the way it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
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

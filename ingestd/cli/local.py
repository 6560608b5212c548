"""The verbs of people on the store of this machine, as admin."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ingestd.cli.work import Json
from ingestd.desk import Desk, Person
from ingestd.model import Ticket
from ingestd.store.queues import QueueLease
from ingestd.web import shapes

POLL_SECONDS = 1.0
"""So often a waiting pull looks again: no signal of the daemon reaches this process on SQLite."""
Verb = Callable[[Desk, Person, str, Mapping[str, Any]], Ticket]

VERBS: dict[str, Verb] = {
    "take": lambda desk, person, number, _: desk.take(person, number),
    "transfer": lambda desk, person, number, body: desk.transfer(
        person, number, body["department"], body["contact"], body["note"]
    ),
    "reply": lambda desk, person, number, body: desk.reply(person, number, body["text"], solution=body["solution"]),
    "note": lambda desk, person, number, body: desk.note(person, number, body["text"]),
    "resolve": lambda desk, person, number, body: desk.resolve(
        person, number, body["note"], confirmed=body["confirmed"]
    ),
    "reopen": lambda desk, person, number, body: desk.reopen(person, number, body["reason"]),
}
"""Each verb with the body that the API takes for it."""


class Local:
    """See ``Work``."""

    def __init__(self, desk: Desk, person: Person) -> None:
        self._desk = desk
        self._person = person

    def queues(self) -> Json:
        """Count each department's queue."""
        counts = {count.department: count for count in self._desk.queues(self._person)}
        items = [
            {
                "department": department.id,
                "name": department.name,
                "name_en": department.name_en,
                "waiting": counts[id].waiting if id in counts else 0,
                "leased": counts[id].leased if id in counts else 0,
                "oldest": counts[id].oldest if id in counts else None,
            }
            for id, department in self._desk.policy().departments.items()
        ]
        return shapes.Queues.model_validate({"items": items}).model_dump(mode="json")

    def pull(self, department: str, most: int, wait: timedelta, lease: timedelta) -> Json:
        """Lease what waits, looking again every second while there is nothing."""
        until = time.monotonic() + wait.total_seconds()
        while not (found := self._pull(department, most, lease)) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        return shapes.pulled_shape(found).model_dump(mode="json")

    def _pull(self, department: str, most: int, lease: timedelta) -> tuple[QueueLease, ...]:
        return self._desk.pull(self._person, department, most, lease)

    def extend(self, lease_id: str, lease: timedelta) -> Json:
        """Prolong a lease."""
        until = self._desk.extend(self._person, lease_id, lease)
        return shapes.Leased(lease=shapes.LeaseShape(id=lease_id, expires_at=until)).model_dump(mode="json")

    def give_back(self, lease_id: str, reason: str) -> Json:
        """Put a leased ticket back."""
        number = self._desk.give_back(self._person, lease_id, reason)
        return shapes.Returned(ticket_no=number).model_dump(mode="json")

    def done(self, lease_id: str) -> Json:
        """Take a leased ticket over."""
        return shapes.ticket_shape(self._desk.done(self._person, lease_id)).model_dump(mode="json")

    def show(self, number: str) -> Json:
        """Return the whole file."""
        return shapes.file_shape(self._desk.show(self._person, number)).model_dump(mode="json")

    def act(self, number: str, verb: str, body: Mapping[str, Any]) -> Json:
        """Do a verb."""
        return shapes.ticket_shape(VERBS[verb](self._desk, self._person, number, body)).model_dump(mode="json")

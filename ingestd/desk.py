"""What a person may do: pull, extend, return, take, transfer, reply, note, resolve, reopen, always within a scope.

The same rules for the API, the terminal and the page. A ticket of another department does not exist here (P30).
Every co-queue reads, replies and notes; only the ticket's own department takes, resolves, reopens and transfers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingestd import clock, model, notices
from ingestd.errors import NotFound, Permanent
from ingestd.model import Change, Ticket
from ingestd.notices import Policy
from ingestd.store import queues, reading, tickets
from ingestd.store.blobs import Blobs
from ingestd.store.outbox import Writer
from ingestd.store.queues import QueueCount, QueueLease
from ingestd.store.reading import File, Filter, Scope
from ingestd.store.session import Tx, Units

DEFAULT_LEASE = timedelta(minutes=10)
"""Time enough to read a ticket and to take it over."""
LONGEST_LEASE = timedelta(hours=8)
MOST_PULLED = 50


@dataclass(frozen=True)
class Person:
    """Who acts, and with whose eyes. ``department`` None is an admin."""

    name: str
    department: str | None = None
    token_id: str = ""

    @property
    def scope(self) -> Scope:
        """What this person can see."""
        return Scope(self.department)


@dataclass(frozen=True)
class Desk:
    """The verbs of people. Each is one transaction; a refusal changes nothing."""

    store: Units
    blobs: Blobs
    writer: Writer
    policy: Callable[[], Policy]

    # Queues

    def queues(self, person: Person) -> tuple[QueueCount, ...]:
        """Return how much waits in each queue that this person sees."""
        departments = None if person.department is None else [person.department]
        return self.store.read(lambda tx: queues.counts(tx, departments, clock.now()))

    def waiting(self, person: Person, department: str, limit: int = 50) -> tuple[tuple[Ticket, str, bool], ...]:
        """Return (ticket, why, leased) of a queue in the order of pulling, without leasing anything."""
        self._own_queue(person, department)

        def read(tx: Tx) -> tuple[tuple[Ticket, str, bool], ...]:
            items = queues.waiting(tx, department, limit, clock.now())
            found = {number: reading.ticket(tx, number, person.scope) for number, _, _ in items}
            return tuple((found[n], why, leased) for n, why, leased in items if found[n])  # type: ignore[misc]  # narrowed by the condition

        return self.store.read(read)

    def pull(
        self, person: Person, department: str, limit: int = 1, term: timedelta = DEFAULT_LEASE
    ) -> tuple[QueueLease, ...]:
        """Lease what waits, by priority, then deadline, then age."""
        self._own_queue(person, department)
        _check_term(term)
        most = max(1, min(limit, MOST_PULLED))
        now = clock.now()
        return self.store.write(lambda tx: queues.pull(tx, department, person.name, most, term, now)).result()

    def extend(self, person: Person, lease_id: str, term: timedelta = DEFAULT_LEASE) -> datetime:
        """Prolong a lease; raise Conflict when it has ended."""
        _check_term(term)
        scope = _departments(person)
        return self.store.write(lambda tx: queues.extend(tx, lease_id, scope, term, clock.now())).result()

    def give_back(self, person: Person, lease_id: str, reason: str) -> str:
        """Return a leased ticket to its queue with the reason; raise Conflict when the lease has ended."""
        if not reason.strip():
            raise Permanent("missing: reason; say why the ticket goes back", code="missing")

        def unit(tx: Tx) -> str:
            now = clock.now()
            number = queues.give_back(tx, lease_id, _departments(person), now)
            entry = model.Entry("returned", person.name, now, text=reason)
            tickets.change(tx, number, lambda ticket: Change(ticket, (entry,)), self.writer, now)
            return number

        return self.store.write(unit).result()

    def done(self, person: Person, lease_id: str) -> Ticket:
        """Take a leased ticket over: out of the queue, accepted by this person, in progress."""

        def unit(tx: Tx) -> Ticket:
            now = clock.now()
            number = queues.ticket_of_lease(tx, lease_id, _departments(person), now)
            return tickets.change(tx, number, lambda ticket: model.take(ticket, person.name, now), self.writer, now)

        return self.store.write(unit).result()

    # Tickets

    def tickets(self, person: Person, wanted: Filter) -> tuple[Ticket, ...]:
        """Return a page of the tickets this person sees."""
        return self.store.read(lambda tx: reading.tickets(tx, wanted, person.scope))

    def show(self, person: Person, number: str) -> File:
        """Return the whole file of a ticket."""
        found = self.store.read(lambda tx: reading.file_of(tx, number, person.scope))
        if found is None:
            raise _no_ticket(number)
        return found

    def raw(self, person: Person, number: str, intake_id: str | None = None) -> bytes:
        """Return the untouched octets of one message of the ticket: the first unless another is named."""

        def read(tx: Tx) -> bytes:
            sha256 = reading.raw_sha256(tx, number, person.scope, intake_id)
            if sha256 is None:
                raise NotFound(f"ticket {number[:40]} has no such message", code="no-message")
            try:
                return self.blobs.get(tx, sha256)
            except KeyError:
                raise NotFound("the raw message is lost; look at: ingestd audit --deep", code="no-blob") from None

        return self.store.read(read)

    def take(self, person: Person, number: str) -> Ticket:
        """Take a ticket over without pulling it."""
        return self._change(person, number, lambda ticket, now: model.take(ticket, person.name, now))

    def transfer(self, person: Person, number: str, department: str, contact: str, note: str) -> Ticket:
        """Hand a ticket to another department; all three are needed."""
        known = self.policy().departments
        if department not in known:
            raise Permanent(f"there is no department {department!r}; known: {', '.join(known)}", code="no-department")
        return self._change(
            person, number, lambda t, now: model.transfer(t, person.name, department, contact, note, now)
        )

    def note(self, person: Person, number: str, text: str) -> Ticket:
        """Write an internal note; co-queues may, too."""
        return self._change(person, number, lambda t, now: model.note(t, person.name, text, now), reader=True)

    def reply(self, person: Person, number: str, text: str, *, solution: bool = False) -> Ticket:
        """Answer the customer; co-queues may, too. The letter leaves at once."""

        def verb(ticket: Ticket, now: datetime, episode: str) -> Change:
            along = person.department not in (None, ticket.department)
            change = model.reply(ticket, person.name, text, solution, now, reads_along=along)
            letter = notices.reply_owed(change.ticket, self.policy(), person.name, text, now, episode=episode)
            return replace(change, notices=(letter,))

        return self._answer(person, number, verb, ("reply", "solution"), reader=True)

    def resolve(self, person: Person, number: str, note: str, *, confirmed: bool = False) -> Ticket:
        """Close the matter with a note. The customer is asked whether it is solved, unless he has said so."""

        def verb(ticket: Ticket, now: datetime, episode: str) -> Change:
            change = model.resolve(ticket, person.name, note, confirmed, now)
            letter = notices.result_owed(change.ticket, self.policy(), person.name, note, now, episode=episode)
            return change if confirmed else replace(change, notices=(letter,))

        return self._answer(person, number, verb, ("resolution",), reader=False)

    def reopen(self, person: Person, number: str, reason: str) -> Ticket:
        """Take a closed ticket up again."""
        if not reason.strip():
            raise Permanent("missing: reason; say why the ticket is opened again", code="missing")
        return self._change(person, number, lambda t, now: model.reopen(t, person.name, reason, now))

    def _change(
        self, person: Person, number: str, verb: Callable[[Ticket, datetime], Change], *, reader: bool = False
    ) -> Ticket:
        def unit(tx: Tx) -> Ticket:
            now = clock.now()
            self._may(tx, person, number, reader=reader)
            return tickets.change(tx, number, lambda ticket: verb(ticket, now), self.writer, now)

        return self.store.write(unit).result()

    def _answer(
        self,
        person: Person,
        number: str,
        verb: Callable[[Ticket, datetime, str], Change],
        kinds: tuple[str, ...],
        *,
        reader: bool,
    ) -> Ticket:
        def unit(tx: Tx) -> Ticket:
            now = clock.now()
            self._may(tx, person, number, reader=reader)
            episode = str(1 + sum(tickets.count_entries(tx, number, kind) for kind in kinds))
            return tickets.change(tx, number, lambda ticket: verb(ticket, now, episode), self.writer, now)

        return self.store.write(unit).result()

    def _may(self, tx: Tx, person: Person, number: str, *, reader: bool) -> None:
        ticket = reading.ticket(tx, number, person.scope)
        if ticket is None:
            raise _no_ticket(number)
        if not reader and person.department not in (None, ticket.department):
            raise Permanent("only the ticket's own department may do this", code="not-your-ticket")

    def _own_queue(self, person: Person, department: str) -> None:
        if person.department not in (None, department) or department not in self.policy().departments:
            raise NotFound(f"there is no queue {department}", code="no-queue")


def _departments(person: Person) -> list[str] | None:
    return None if person.department is None else [person.department]


def _no_ticket(number: str) -> NotFound:
    return NotFound(f"there is no ticket {number[:40]}", code="no-ticket")


def _check_term(term: timedelta) -> None:
    if not timedelta(seconds=1) <= term <= LONGEST_LEASE:
        raise Permanent("a lease lasts from 1 second to 8 hours", code="lease-term")

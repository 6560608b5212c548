"""Asks at each due time whether a notice is still owed: word to departments of new and returned work, and gauges.

What is scheduled is a row; nothing is remembered here that a restart could lose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ingestd import clock, metrics
from ingestd.model import Department, Notice, Ticket
from ingestd.notices import Policy
from ingestd.notices.facts import department_name, priority_word, team
from ingestd.store import counting, idempotency, outbox, queues, rows
from ingestd.store.outbox import Writer
from ingestd.store.session import Store, Tx
from responders.letter import Facts, Row

COALESCE = timedelta(minutes=5)
"""New work of a department is told of together (departments.ID.notify)."""
FORGET_EVERY = timedelta(hours=1)
REMEMBER_ANSWERS = timedelta(days=1)
"""How long the same Idempotency-Key gives the same answer."""
TOLD_AT_ONCE = 200
LONGEST_LINE = 80


class Schedule:
    """The timers of one node; several nodes share them by row locks."""

    def __init__(self, store: Store, writer: Writer, policy: Callable[[], Policy]) -> None:
        self._store = store
        self._writer = writer
        self._policy = policy
        self._forgotten = clock.now()

    def tick(self) -> None:
        """Do what has become due. Raise Temporary when the store is away."""
        self._store.write(self._announce, fenced=True).result()
        self._forget()
        counts = self._store.read(counting.backlog)
        metrics.pending.set(counts.pending)
        metrics.parked.set(counts.parked)
        metrics.outbox_waiting.set(counts.letters)

    def _forget(self) -> None:
        """Drop what need not be remembered any longer, once an hour."""
        now = clock.now()
        if now - self._forgotten >= FORGET_EVERY:
            self._store.write(lambda tx: idempotency.forget(tx, now - REMEMBER_ANSWERS), fenced=True).result()
            self._forgotten = now

    def _announce(self, tx: Tx) -> None:
        """Owe one notice to each department whose oldest untold work has waited long enough."""
        now, policy = clock.now(), self._policy()
        for department, items in queues.unannounced(tx, now - COALESCE, TOLD_AT_ONCE).items():
            known = policy.departments.get(department)
            tickets = rows.load(tx, [number for number, _ in items])
            if known is not None and known.notify is not None:
                told = [(tickets[number], why) for number, why in items]
                outbox.owe(tx, None, (queue_notice(known, told, policy, now),), self._writer, now)
            queues.announce(tx, [number for number, _ in items])


def queue_notice(department: Department, items: Sequence[tuple[Ticket, str]], policy: Policy, now: datetime) -> Notice:
    """Return the letter that tells a department of its new and returned work."""
    language = policy.languages[0]
    lines = tuple(
        Row(
            label=f"{t.ticket_no} · {priority_word(policy, t, language)} · {why}", value=t.subject[:LONGEST_LINE] or "–"
        )
        for t, why in items
    )
    return Notice(
        kind="queue_notice",
        episode=f"{department.id}:{now:%Y%m%d%H%M%S}",
        rcpt=department.notify or "",
        sender=policy.default_sender,
        language=language,
        due_at=now,
        facts=Facts(
            team=team(policy, language), department=department_name(policy, department.id, language), rows=lines
        ),
    )

"""What becomes due: a department hears of its new work once, together, and not too soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from doubles.mailroom import NOON, OURS, WAIT, WRITER, Mailroom, deciding, mail, policy
from sqlalchemy import select

from ingestd import metrics
from ingestd.model import Department, State, Ticket
from ingestd.schedule import COALESCE, LONGEST_LINE, Schedule, queue_notice
from ingestd.store import queues, tables
from ingestd.store.session import Store

SECOND = timedelta(seconds=1)
TRIAGE = Department("triage", "综合", "Triage", notify="team@example.com")
TALK = "祝大家周末愉快，天天开心，我们下周再联系吧"


@pytest.fixture
def room(store: Store) -> Mailroom:
    """A node with its lease."""
    room = Mailroom(store, deciding())
    room.join()
    return room


def tick(room: Mailroom, after: timedelta, departments: Any = None) -> None:
    """One tick so long after noon."""
    by = policy(departments={"triage": TRIAGE} if departments is None else departments)
    with time_machine.travel(NOON + after, tick=False):
        Schedule(room.store, WRITER, lambda: by).tick()


def told(room: Mailroom) -> list[Any]:
    """The words to departments."""
    query = select(tables.outbox).where(tables.outbox.c.kind == "queue_notice").order_by(tables.outbox.c.mail_id)
    return list(room.store.read(lambda tx: tx.execute(query).all()))


def arrive(room: Mailroom, after: timedelta = timedelta(0)) -> str:
    """A new ticket for triage."""
    recorded = room.arrive(mail(text=TALK, subject="周末"), NOON + after)
    assert recorded.department == "triage"
    return recorded.ticket_no or ""


def test_new_work_is_told_together_after_five_minutes(room: Mailroom) -> None:
    """Not before the oldest has waited; then all of it in one letter, to the department's address."""
    first, second = arrive(room), arrive(room, COALESCE - 2 * SECOND)
    tick(room, COALESCE - SECOND)
    assert told(room) == []
    tick(room, COALESCE)
    (letter,) = told(room)
    assert (letter.rcpt, letter.state, letter.ticket_no) == ("team@example.com", "pending", "")
    assert first in letter.notice
    assert second in letter.notice


def test_work_is_told_once(room: Mailroom) -> None:
    """The next tick is silent until there is new work, and that waits its own five minutes."""
    arrive(room)
    tick(room, COALESCE)
    tick(room, COALESCE * 2)
    arrive(room, COALESCE * 2)
    tick(room, COALESCE * 2 + SECOND)
    assert len(told(room)) == 1
    tick(room, COALESCE * 3)
    assert len(told(room)) == 2


def test_returned_work_is_told_again(room: Mailroom) -> None:
    """Back in the queue is news for the department."""
    number = arrive(room)
    tick(room, COALESCE)
    pull = lambda tx: queues.pull(tx, "triage", "li", 1, COALESCE, NOON + COALESCE)  # noqa: E731 - one unit of work
    (lease,) = room.store.write(pull).result(WAIT)
    room.store.write(lambda tx: queues.give_back(tx, lease.lease_id, None, NOON + COALESCE)).result(WAIT)
    tick(room, COALESCE * 3)
    assert [number in letter.notice for letter in told(room)] == [True, True]
    assert "returned" in told(room)[1].notice


@pytest.mark.parametrize("departments", [{}, {"triage": replace(TRIAGE, notify=None)}])
def test_a_department_without_an_address_is_told_nothing(room: Mailroom, departments: Any) -> None:
    """And later, with an address, it is not told of old work."""
    arrive(room)
    tick(room, COALESCE, departments)
    tick(room, COALESCE * 2)
    assert told(room) == []


def test_the_gauges_are_read_at_every_tick(room: Mailroom) -> None:
    """What waits is seen from outside."""
    arrive(room)
    room.keep(mail(), NOON)
    tick(room, SECOND)
    seen = {gauge: gauge.collect()[0].samples[0].value for gauge in (metrics.pending, metrics.outbox_waiting)}
    assert list(seen.values()) == [1, 1]


def test_a_line_is_short_and_never_empty(room: Mailroom) -> None:
    """A subject of a thousand characters does not fill the letter, an empty one still is a line."""
    ticket = Ticket("T1", State.NEW, "triage", "x" * 1000, None, NOON)
    items = [(ticket, "new"), (replace(ticket, ticket_no="T2", subject=""), "returned")]
    notice = queue_notice(TRIAGE, items, policy(), NOON)
    assert [len(row.value) for row in notice.facts.rows] == [LONGEST_LINE, 1]
    assert [row.label.split(" · ")[0] for row in notice.facts.rows] == ["T1", "T2"]
    assert (notice.sender, notice.language) == (OURS, "zh-CN")

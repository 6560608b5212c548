"""The life of a ticket: every verb from every state, and nothing outside the table of moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import model
from ingestd.errors import Conflict, Permanent
from ingestd.model import CLOSED, MOVES, STATES, Change, Entry, State, Ticket

T0 = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PHASES = ("received_at", "accepted_at", "responded_at", "resolved_at", "followed_up_at", "archived_at")
OTHER = {"triage": "billing", "billing": "triage"}
Verb = Callable[[Ticket, datetime], Change]

VERBS: dict[str, Verb] = {
    "acknowledged": model.acknowledged,
    "take": lambda t, at: model.take(t, "li", at),
    "transfer": lambda t, at: model.transfer(t, "li", OTHER[t.department], "8001", "n", at),
    "note": lambda t, at: model.note(t, "li", "seen", at),
    "reply": lambda t, at: model.reply(t, "li", "hello", False, at),
    "solution": lambda t, at: model.reply(t, "li", "do this", True, at),
    "resolve": lambda t, at: model.resolve(t, "li", "done", False, at),
    "resolve confirmed": lambda t, at: model.resolve(t, "li", "done", True, at),
    "reopen": lambda t, at: model.reopen(t, "li", "not done", at),
    "appended": lambda t, at: model.appended(t, Entry("message", "customer", at), at),
}  # fmt: skip


def ticket(state: State = State.NEW, **values: object) -> Ticket:
    """A ticket in a state, from nowhere."""
    return replace(Ticket("T20261120001", state, "triage", "订单", "w@x.cn", T0), **values)  # type: ignore[arg-type] # a bag


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_keeps_to_the_table_of_moves(verb: str, state: State) -> None:
    """From every state each verb either raises Conflict or lands where the table allows, in one step or two."""
    before = ticket(state)
    try:
        after = VERBS[verb](before, T0).ticket
    except Conflict:
        return
    steps = MOVES[state] | {state} | {s for middle in MOVES[state] for s in MOVES[middle]}
    assert after.state in (steps if verb == "acknowledged" else MOVES[state] | {state})


@given(st.lists(st.sampled_from(sorted(VERBS)), max_size=12))
def test_any_life_is_orderly(life: list[str]) -> None:
    """Whatever people and customers do, in any order: phase times never run backwards, priority is never lowered,
    reopenings are counted, and each change that happened stands in the history."""
    now, current = T0, ticket(priority="P1")
    for verb in life:
        now += timedelta(minutes=1)
        try:
            change = VERBS[verb](current, now)
        except Conflict:
            continue
        assert change.entries or change.ticket == current
        assert change.ticket.priority == "P1"
        assert change.ticket.escalation >= current.escalation
        assert change.ticket.reopened - current.reopened in (0, 1)
        current = change.ticket
        times = [moment for name in PHASES if (moment := getattr(current, name)) is not None]
        assert times == sorted(times)


@given(st.lists(st.sampled_from(sorted(VERBS)), max_size=12))
def test_a_resolved_ticket_has_a_note_and_all_its_times(life: list[str]) -> None:
    """What is closed was accepted, answered and explained (001-26)."""
    now, current = T0, ticket()
    for verb in life:
        now += timedelta(minutes=1)
        try:
            current = VERBS[verb](current, now).ticket
        except Conflict:
            continue
    if current.state in CLOSED:
        assert current.resolution
        assert current.accepted_at
        assert current.responded_at
        assert current.resolved_at


def test_each_state_has_its_facts_and_its_moves() -> None:
    """No state is without a name, and none without a way on."""
    assert set(STATES) == set(State) == set(MOVES)
    assert all(MOVES.values())
    assert {to for moves in MOVES.values() for to in moves} <= set(State)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_resolving_needs_a_note(text: str) -> None:
    """Closing needs a resolution note (001-26)."""
    with pytest.raises(Permanent, match="note"):
        model.resolve(ticket(State.IN_PROGRESS), "li", text, True, T0)


@pytest.mark.parametrize("missing", ["department", "contact", "note"])
def test_a_transfer_needs_department_contact_and_note(missing: str) -> None:
    """A ticket is handed over to somebody, with a reason (001-27)."""
    values = {"department": "billing", "contact": "8001", "note": "refund"} | {missing: " "}
    with pytest.raises(Permanent, match=missing):
        model.transfer(ticket(State.IN_PROGRESS), "li", at=T0, **values)


def test_a_transferred_ticket_waits_for_its_new_department_and_is_still_read_by_the_old() -> None:
    """The department that gave it away reads along; nobody has it in hand."""
    held = ticket(State.IN_PROGRESS, accepted_by="li", co_departments=("billing", "legal"))
    change = model.transfer(held, "li", "billing", "8001", "refund", T0)
    assert (change.ticket.state, change.ticket.department, change.queue) == (State.ASSIGNED, "billing", "transfer")
    assert change.ticket.co_departments == ("legal", "triage")
    assert change.ticket.accepted_by is None
    assert dict(change.entries[0].data) == {"from": "triage", "to": "billing", "contact": "8001"}


def test_a_transfer_to_where_it_is_is_refused() -> None:
    """Nothing would change but the history."""
    with pytest.raises(Conflict, match="already with triage"):
        model.transfer(ticket(State.IN_PROGRESS), "li", "triage", "8001", "n", T0)


def test_acknowledged_tickets_are_with_their_department() -> None:
    """The ack handed over: acknowledged and, being routed, assigned; a second word of it changes nothing."""
    change = model.acknowledged(ticket(), T0)
    assert (change.ticket.state, change.ticket.accepted_at) == (State.ASSIGNED, T0)
    assert model.acknowledged(change.ticket, T0 + timedelta(hours=1)) == Change(change.ticket)


def test_a_late_ack_does_not_take_a_ticket_from_a_person() -> None:
    """A person was faster than the letter: the ticket stays in progress."""
    taken = model.take(ticket(), "li", T0).ticket
    assert model.acknowledged(taken, T0) == Change(taken)


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_a_message_reopens_a_closed_ticket(state: State) -> None:
    """The matter is taken up again, counted, raised to a supervisor, and back in its queue."""
    change = model.appended(ticket(state, resolved_at=T0, archived_at=T0), Entry("message", "customer", T0), T0)
    assert (change.ticket.state, change.ticket.reopened, change.ticket.escalation) == (State.IN_PROGRESS, 1, 1)
    assert (change.ticket.resolved_at, change.ticket.archived_at, change.queue) == (None, None, "reopened")
    assert [entry.kind for entry in change.entries] == ["message", "reopened"]


def test_a_message_on_an_open_ticket_is_work_again() -> None:
    """A customer's word is seen: the ticket waits in the queue, and an answer to our question ends the waiting."""
    open_one = model.appended(ticket(State.IN_PROGRESS), Entry("message", "customer", T0), T0)
    asked = model.appended(ticket(State.AWAITING_CONFIRM), Entry("message", "customer", T0), T0)
    assert (open_one.ticket.state, open_one.queue) == (State.IN_PROGRESS, "message")
    assert (asked.ticket.state, asked.queue) == (State.IN_PROGRESS, "message")


def test_a_note_is_for_people_only() -> None:
    """The customer never sees it, and it changes no state."""
    change = model.note(ticket(State.RESOLVED), "li", "called him", T0)
    assert change.ticket == ticket(State.RESOLVED)
    assert change.entries[0].internal


def test_the_first_answer_is_the_one_that_counts() -> None:
    """The response time is that of the first human mail."""
    once = model.reply(ticket(), "li", "hello", False, T0).ticket
    twice = model.reply(once, "wu", "again", False, T0 + timedelta(hours=1)).ticket
    assert (twice.responded_at, twice.accepted_by) == (T0, "li")


@pytest.mark.parametrize(
    ("phones", "email", "contact"),
    [((), None, ""), (("1",), None, "1"), (("1", "2"), "w@x.cn", "1; 2; w@x.cn"), ((), "w@x.cn", "w@x.cn")],
)
def test_how_a_customer_is_reached(phones: tuple[str, ...], email: str | None, contact: str) -> None:
    """Phones first, then the address (column ②)."""
    assert ticket(phones=phones, customer_email=email).contact == contact

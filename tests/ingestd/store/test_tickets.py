"""The unit of work of one arrival: everything in one transaction, once, whatever is repeated or races (P3, P4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from doubles.mailroom import NOON, OURS, WAIT, WRITER, Mailroom, deciding, mail
from sqlalchemy import func, insert, select

from ingestd import model
from ingestd.errors import Conflict, NotFound
from ingestd.intake import decide, weigh
from ingestd.intake.road import material_of, questions
from ingestd.model import Notice, State, Ticket
from ingestd.store import outbox, rows, tables, tickets
from ingestd.store.naming import Naming
from ingestd.store.outbox import Writer
from ingestd.store.session import Store
from ingestd.store.tickets import Understood

DAY = timedelta(days=1)


@pytest.fixture
def room(store: Store) -> Mailroom:
    """A node with its lease, deciding by the shipped rules."""
    room = Mailroom(store, deciding())
    room.join()
    return room


def load(store: Store, number: str | None) -> Ticket:
    """The ticket as it is stored."""
    assert number is not None
    return store.read(lambda tx: rows.load(tx, [number]))[number]


def size(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    counted = (tables.arrival, tables.ticket, tables.entry, tables.outbox, tables.message_ref, tables.customer)
    return {t.name: store.read(lambda tx, t=t: tx.execute(select(func.count()).select_from(t)).scalar_one())
            for t in counted}  # fmt: skip


def decisions(store: Store) -> list[Any]:
    """All arrivals, oldest first."""
    return list(store.read(lambda tx: tx.execute(select(tables.arrival).order_by(tables.arrival.c.intake_id)).all()))


def test_one_transaction_writes_all_that_follows(store: Store, room: Mailroom) -> None:
    """Ticket, history, letter, queue, conversation and outcome come together or not at all."""
    recorded = room.arrive(mail())
    assert (recorded.outcome, recorded.ticket_no) == ("created", "T20261120001")
    assert size(store) == {"arrival": 1, "ticket": 1, "entry": 1, "outbox": 1, "message_ref": 2, "customer": 1}
    (row,) = decisions(store)
    assert (row.outcome, row.ticket_no, row.owner, row.stage) == ("created", "T20261120001", None, "recorded")
    waiting = store.read(lambda tx: tx.execute(select(tables.queue_item)).one())
    assert (waiting.ticket_no, waiting.why, waiting.department) == ("T20261120001", "new", recorded.department)


def test_recording_twice_writes_nothing_the_second_time(store: Store, room: Mailroom) -> None:
    """Retry, replay and a second node are safe: the outcome is answered and nothing is written (P3)."""
    record = mail()
    room.keep(record, NOON)
    (claimed,) = room.claim(NOON)
    first, before = room.record(claimed, record, NOON), size(store)
    again = room.record(claimed, record, NOON + DAY)
    assert again == replace(first, repeated=True, reason=again.reason, department=again.department)
    assert size(store) == before


def test_a_unit_that_fails_leaves_no_trace(store: Store, room: Mailroom) -> None:
    """Half a ticket is worse than none: the arrival is still pending and walks again (P2)."""
    record = mail()
    room.keep(record, NOON)
    (claimed,) = room.claim(NOON)
    before = size(store)

    def unit(tx: Any) -> None:
        material = material_of(claimed, record)
        weighed = weigh(material, room.by)
        understood = Understood(claimed.intake_id, questions(material, weighed, claimed), "{}")
        tickets.record(
            tx, room.holder, understood, lambda known: decide(material, weighed, room.by, known, NOON), WRITER, NOON
        )
        raise ConnectionError

    assert isinstance(store.write(unit).exception(WAIT), ConnectionError)
    assert size(store) == before
    assert room.record(claimed, record, NOON).outcome == "created"


def test_only_the_holder_records(store: Store, room: Mailroom) -> None:
    """A node that lost its claim gets the arrival's state and writes nothing (P28)."""
    record = mail()
    room.keep(record, NOON)
    (claimed,) = room.claim(NOON)
    before = size(store)
    sleeper = Mailroom(store, room.by, holder="node:test#0")
    assert sleeper.record(claimed, record, NOON).repeated
    assert size(store) == before


def test_an_unknown_arrival_is_an_error(store: Store, room: Mailroom) -> None:
    """Nothing is made out of nothing."""
    room.keep(mail(), NOON)
    (claimed,) = room.claim(NOON)
    with pytest.raises(NotFound):
        room.record(replace(claimed, intake_id="NONE"), mail(), NOON)


def test_the_same_message_through_two_doors_is_one_ticket(store: Store, room: Mailroom) -> None:
    """Two deliveries with the same content: the second is a duplicate, says of which, and owes nothing (P4)."""
    record = mail()
    first, second = room.arrive(record), room.arrive(record)
    assert (first.outcome, second.outcome, second.ticket_no) == ("created", "duplicate", None)
    older, newer = decisions(store)
    assert newer.duplicate_of == older.intake_id
    assert newer.reason == f"same message as {older.intake_id}"
    assert size(store)["ticket"] == size(store)["outbox"] == 1


def test_a_third_copy_is_a_duplicate_of_the_first(store: Store, room: Mailroom) -> None:
    """Duplicates do not chain; the first arrival stands for all."""
    record = mail()
    for _ in range(3):
        room.arrive(record)
    first, *others = decisions(store)
    assert {row.duplicate_of for row in others} == {first.intake_id}


@pytest.mark.parametrize("number", range(8))
def test_an_equal_message_id_with_other_content_is_a_ticket_of_its_own(
    store: Store, room: Mailroom, number: int
) -> None:
    """Else a stranger could swallow a victim's mail by sending its Message-ID first; the second is marked (P4)."""
    stolen = f"<victim{number}@x.cn>"
    first = room.arrive(mail("thief@evil.example", "x" * (30 + number), message_id=stolen))
    second = room.arrive(mail("victim@x.cn", "我的订单没有到，已经等了两个星期了", message_id=stolen))
    assert (first.outcome, second.outcome) == ("created", "created")
    assert first.ticket_no != second.ticket_no
    assert "id-collision" in load(store, second.ticket_no).flags
    assert "id-collision" not in load(store, first.ticket_no).flags


def test_numbers_run_by_the_day_of_the_services_timezone(store: Store, room: Mailroom) -> None:
    """At 16:00 UTC a new day begins in Shanghai, and with it a new run of numbers."""
    evening = datetime.fromisoformat("2026-11-20T15:59:59+00:00")
    numbers = [room.arrive(mail(), evening + timedelta(seconds=n)).ticket_no for n in range(3)]
    assert numbers == ["T20261120001", "T20261121001", "T20261121002"]


def test_a_day_with_more_than_999_tickets_widens_its_numbers(store: Store, room: Mailroom) -> None:
    """Numbers never wrap: 999 is followed by 1000."""
    store.write(lambda tx: tx.execute(insert(tables.counter).values(name="ticket:20261120", value=998))).result(WAIT)
    assert [room.arrive(mail()).ticket_no for _ in range(2)] == ["T20261120999", "T202611201000"]


def test_a_customer_keeps_his_number(store: Store, room: Mailroom) -> None:
    """First contact gives a number; the next ticket has the same, however the address is spelled."""
    first, second, other = (
        load(store, room.arrive(mail(sender)).ticket_no).customer_no for sender in ("W@x.cn", "w@X.CN", "li@x.cn")
    )
    assert first == second == "C20261120001"
    assert other == "C20261120002"


def test_the_prefix_and_timezone_of_the_service_are_used(store: Store, room: Mailroom) -> None:
    """An installation has numbers of its own."""
    room.writer = Writer(WRITER.signer, Naming("KF", "America/New_York"))
    evening = datetime.fromisoformat("2026-11-20T03:00:00+00:00")
    assert room.arrive(mail(), evening).ticket_no == "KF20261119001"


def test_two_nodes_at_once_make_no_double_ticket_and_no_double_number(store: Store, room: Mailroom) -> None:
    """Two processes on one database record the same arrivals and the same messages side by side (P27)."""
    records = [mail(f"w{n}@x.cn") for n in range(10)]
    for record in (*records, *records):  # each message through two doors
        room.keep(record, NOON)
    claimed = room.claim(NOON, limit=50)
    by_content = {one.intake_id: records[n % 10] for n, one in enumerate(sorted(claimed, key=_age))}
    other = Mailroom(Store(store.url), room.by, room.holder)
    answers = []
    for one in claimed:
        answers += [_later(node, one, by_content[one.intake_id]) for node in (room, other)]
    outcomes = [answer.result(WAIT) for answer in answers]
    other.store.close()
    written = [one for one in outcomes if not one.repeated]
    assert sorted(one.outcome for one in written) == ["created"] * 10 + ["duplicate"] * 10
    numbers = [one.ticket_no for one in written if one.ticket_no]
    assert sorted(numbers) == [f"T20261120{n:03}" for n in range(1, 11)]
    assert size(store)["outbox"] == 10


def _age(claimed: Any) -> str:
    return str(claimed.intake_id)


def _later(room: Mailroom, claimed: Any, record: Any) -> Any:
    material = material_of(claimed, record)
    weighed = weigh(material, room.by)
    understood = Understood(claimed.intake_id, questions(material, weighed, claimed), "{}")
    return room.store.write(
        lambda tx: tickets.record(
            tx, room.holder, understood, lambda known: decide(material, weighed, room.by, known, NOON), WRITER, NOON
        ),
        serial=True,
    )


def test_a_letter_is_owed_once_for_its_episode(store: Store, room: Mailroom) -> None:
    """The key (ticket, kind, episode) holds whatever asks for the letter again (P5)."""
    ticket = load(store, room.arrive(mail()).ticket_no)
    notice = Notice("result_confirm", "first", "w@x.cn", OURS, "zh-CN", NOON)
    for _ in range(3):
        store.write(lambda tx: outbox.owe(tx, ticket, [notice], WRITER, NOON)).result(WAIT)
    store.write(lambda tx: outbox.owe(tx, ticket, [replace(notice, episode="second")], WRITER, NOON)).result(WAIT)
    sent = store.read(
        lambda tx: tx.execute(select(tables.outbox.c.episode, tables.outbox.c.message_id)
                              .where(tables.outbox.c.kind == "result_confirm")).all()
    )  # fmt: skip
    assert sorted(row.episode for row in sent) == ["first", "second"]
    assert len({row.message_id for row in sent}) == 2


def test_a_proved_address_is_remembered(store: Store, room: Mailroom) -> None:
    """Who answered with a token of ours has proved itself, and stays so (P12)."""
    room.arrive(mail("W@x.cn"))
    store.write(lambda tx: tickets.prove(tx, "w@X.cn", NOON)).result(WAIT)
    store.write(lambda tx: tickets.prove(tx, "w@x.cn", NOON + DAY)).result(WAIT)
    assert store.read(lambda tx: tx.execute(select(tables.customer.c.proved_at)).scalar_one()) == NOON


def test_a_persons_verb_is_one_transaction(store: Store, room: Mailroom) -> None:
    """The ticket, its line of history and its place in the queue change together."""
    number = room.arrive(mail()).ticket_no or ""
    taken = store.write(
        lambda tx: tickets.change(tx, number, lambda t: model.take(t, "li", NOON), WRITER, NOON)
    ).result(WAIT)
    assert load(store, number) == taken
    assert (taken.state, taken.accepted_by) == (State.IN_PROGRESS, "li")
    assert size(store)["entry"] == 2
    assert store.read(lambda tx: tx.execute(select(tables.queue_item)).all()) == []


def test_a_refused_verb_writes_nothing(store: Store, room: Mailroom) -> None:
    """The state machine's Conflict and an unknown number leave everything as it was."""
    number = room.arrive(mail()).ticket_no or ""
    before = size(store)
    for target, error in ((number, Conflict), ("T1", NotFound)):
        answer = store.write(
            lambda tx, n=target: tickets.change(tx, n, lambda t: model.reopen(t, "li", "x", NOON), WRITER, NOON)
        )
        assert isinstance(answer.exception(WAIT), error)
    assert size(store) == before


def test_every_field_of_a_ticket_comes_back(store: Store) -> None:
    """The columns bear the names of the fields: nothing is lost on the way to the database and back."""
    ticket = Ticket(
        "T20261120001", State.RESOLVED, "fault", "订单\u202e😀", "w@x.cn", NOON,
        priority="P0", emotion="愤怒", category_l1="emergency", category_l2="触电",
        co_departments=("triage", "billing"), customer_name="王芳", honorific="女士", customer_no="C1",
        phones=("13900000001",), order_nos=("1", "2"), error_code="E5", occurred_at="2026-11-19（昨天）",
        description="…", language="en", answer_from=OURS, door="lmtp", attachments="截图", escalation=2,
        accepted_by="li", dept_contact="8001", transfer_note="n", resolution="r", response_due=NOON + DAY,
        prelim_due=NOON, accepted_at=NOON, responded_at=NOON, resolved_at=NOON, followed_up_at=NOON,
        archived_at=NOON, reopened=3, related=("T1",), flags=("unreadable",), participants=("w@x.cn", "li@x.cn"),
    )  # fmt: skip
    store.write(lambda tx: rows.insert_ticket(tx, ticket, NOON)).result(WAIT)
    assert load(store, ticket.ticket_no) == ticket
    readers = store.read(lambda tx: tx.execute(select(tables.ticket_reader.c.department)).scalars().all())
    assert sorted(readers) == ["billing", "fault", "triage"]

"""Prepared statements answer as the ordinary ones do, and what travels later still belongs to its own unit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from doubles.units import WAIT, Stopper
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ingestd.errors import Permanent, Temporary
from ingestd.store import tables
from ingestd.store.prepared import Prepared, among
from ingestd.store.session import Store, Tx

COUNTER = tables.counter
ADD = Prepared(insert(COUNTER))
VALUE = Prepared(select(COUNTER.c.value, COUNTER.c.name).where(COUNTER.c.name == bindparam("wanted")))
SEEN = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


def add(tx: Tx, name: str, value: int = 1) -> None:
    """Insert a counter, whenever it is sent."""
    tx.put(ADD, {"name": name, "value": value})


def names(store: Store) -> list[str]:
    """What is committed."""
    return sorted(store.read(lambda tx: tx.execute(select(COUNTER.c.name)).scalars().all()))


def test_rows_have_names_and_types(store: Store) -> None:
    """A moment comes back as UTC with its microseconds, a list as a tuple, a NULL as None, by the column's name."""
    customer = tables.customer

    def unit(tx: Tx) -> tuple[object, ...]:
        values = {"email": "w@x.cn", "customer_no": "C1", "proved_at": None, "first_seen_at": SEEN}
        tx.run(Prepared(insert(customer)), values)
        row = tx.run(Prepared(select(customer)), {}).first()
        assert row is not None
        return row.email, row.customer_no, row.proved_at, row.first_seen_at

    assert store.write(unit).result(WAIT) == ("w@x.cn", "C1", None, SEEN.astimezone(UTC))


def test_answers_know_how_many(store: Store) -> None:
    """``first`` and ``scalar`` of nothing are None; a write tells how many rows it touched."""

    def unit(tx: Tx) -> list[object]:
        none = tx.run(VALUE, {"wanted": "a"})
        added = tx.run(ADD, {"name": "a", "value": 5})
        found = tx.run(VALUE, {"wanted": "a"})
        return [none.first(), none.scalar(), added.rowcount, found.scalar(), found.rows[0].name, len(found.rows)]

    assert store.write(unit).result(WAIT) == [None, None, 1, 5, "a", 1]


def test_text_is_cleaned_on_this_way_too(store: Store) -> None:
    """NUL and lone surrogates must not turn a mail into poison on the quick way into the database."""
    store.write(lambda tx: add(tx, "a\0b\ud800c")).result(WAIT)
    assert names(store) == ["a\ufffdb\ufffdc"]


@pytest.mark.parametrize("wanted", [(), ("a",), ("c", "a", "nobody"), tuple(f"x{n}" for n in range(300))])
def test_any_number_of_strings_is_one_parameter(store: Store, wanted: tuple[str, ...]) -> None:
    """The same statement asks for none, one and hundreds; quotes and commas are characters like any other."""
    same = [select(COUNTER.c.name).where(among(COUNTER.c.name, "given", postgres=there)) for there in (False, True)]
    other = [select(COUNTER.c.name).where(~among(COUNTER.c.name, "given", postgres=there)) for there in (False, True)]

    def unit(tx: Tx) -> tuple[set[str], set[str]]:
        for name in ("a", 'b,"', "c"):
            add(tx, name)
        inside, outside = (tx.run(Prepared(*pair), {"given": wanted}).rows for pair in (same, other))
        return {row.name for row in inside}, {row.name for row in outside}

    there = {"a", 'b,"', "c"}
    assert store.write(unit).result(WAIT) == (there & set(wanted), there - set(wanted))


def test_a_missing_value_is_named(store: Store) -> None:
    """A statement that lacks a value says which, instead of writing a NULL."""
    with pytest.raises(KeyError, match="wanted"):
        store.write(lambda tx: tx.run(VALUE, {"name": "a"})).result(WAIT)


def test_errors_bear_their_usual_names_and_no_values(store: Store) -> None:
    """Whoever tells a lost race from a lost database does so on this way as well; a customer's words stay out."""
    told: list[str] = []

    def unit(tx: Tx) -> None:
        try:
            for _ in range(2):
                tx.run(ADD, {"name": "a customer's words", "value": 1})
        except IntegrityError as error:
            told.append(str(error))
            raise Permanent("no", code="no") from None

    with pytest.raises(Permanent):
        store.write(unit).result(WAIT)
    assert told
    if not store.postgres:  # PostgreSQL's own message quotes the key; the journal prints neither
        assert "customer's words" not in told[0]


def test_what_waits_is_sent_in_order(store: Store) -> None:
    """A question sees all that was put before it, by either way of asking."""

    def unit(tx: Tx) -> tuple[object, object]:
        add(tx, "a", 1)
        add(tx, "b", 2)
        prepared = tx.run(VALUE, {"wanted": "b"}).scalar()
        add(tx, "c", 3)
        return prepared, tx.execute(select(COUNTER.c.value).where(COUNTER.c.name == "c")).scalar()

    assert store.write(unit).result(WAIT) == (2, 3)
    assert names(store) == ["a", "b", "c"]


def test_what_fails_late_fails_its_own_unit(store: Store) -> None:
    """Of units in one commit only that one suffers whose write failed, though nobody asked for its answer."""
    stopper = Stopper(store)
    before = store.write(lambda tx: add(tx, "before"))
    broken = store.write(lambda tx: tx.put(Prepared(text("INSERT INTO nowhere VALUES (1)")), {}))
    after = store.write(lambda tx: add(tx, "after"))
    stopper.release()
    with pytest.raises(Exception, match="store"):
        broken.result(WAIT)
    assert (before.result(WAIT), after.result(WAIT)) == (None, None)
    assert names(store) == ["after", "before"]


def test_a_unit_that_gives_up_leaves_nothing_behind(store: Store) -> None:
    """What it had put but not sent is not sent, what was sent is undone, and its neighbours keep theirs."""

    def gives_up(tx: Tx) -> None:
        add(tx, "sent")
        tx.flush()
        add(tx, "unsent")
        raise Permanent("no", code="no")

    def gives_up_at_once(tx: Tx) -> None:
        add(tx, "never sent")
        raise Permanent("no", code="no")

    stopper = Stopper(store)
    units = [store.write(work) for work in (lambda tx: add(tx, "a"), gives_up, gives_up_at_once)]
    units.append(store.write(lambda tx: add(tx, "b")))
    stopper.release()
    for unit in units[1:3]:
        with pytest.raises(Permanent):
            unit.result(WAIT)
    assert [units[0].result(WAIT), units[3].result(WAIT)] == [None, None]
    assert names(store) == ["a", "b"]


@pytest.mark.parametrize("neighbours", [0, 1])
def test_a_lost_race_is_run_again_though_it_shows_late(store: Store, neighbours: int) -> None:
    """A key that was taken meanwhile shows only when the unit ends; then the unit runs again and sees the winner."""
    runs: list[int] = []

    def unit(tx: Tx) -> str:
        runs.append(1)
        if len(runs) > 1 and tx.run(VALUE, {"wanted": "key"}).first() is not None:
            return "found"
        add(tx, "key")
        return "made"

    store.write(lambda tx: add(tx, "key")).result(WAIT)
    stopper = Stopper(store)
    answer = store.write(unit)
    others = [store.write(lambda tx: add(tx, "other")) for _ in range(neighbours)]
    stopper.release()
    assert answer.result(WAIT) == "found"
    assert [other.result(WAIT) for other in others] == [None] * neighbours
    assert len(runs) == 2


def test_a_reader_may_ask_this_way_too(store: Store) -> None:
    """Outside of a unit of work a prepared question is answered as well, and a wrong one leaves the reader usable."""
    store.write(lambda tx: add(tx, "a", 7)).result(WAIT)
    assert store.read(lambda tx: tx.run(VALUE, {"wanted": "a"}).scalar()) == 7
    with pytest.raises((DBAPIError, Temporary)):
        store.read(lambda tx: tx.run(Prepared(text("SELECT missing")), {}).rows)
    assert store.read(lambda tx: tx.run(VALUE, {"wanted": "a"}).scalar()) == 7

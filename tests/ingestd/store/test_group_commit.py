"""Group commit: many units in one commit, and none harmed by another (P1, P3)."""

from __future__ import annotations

import random

import pytest
from doubles.units import WAIT, Stopper, commits, count, names
from sqlalchemy import select, text, update

from ingestd.errors import Temporary
from ingestd.store import tables
from ingestd.store.counters import next_values
from ingestd.store.session import ATTEMPTS, GROUP, Store, Tx


def test_units_that_wait_share_one_commit(store: Store) -> None:
    """One sync serves many mails: all that waits is committed together, at most GROUP units at a time."""
    stopper, seen = Stopper(store), commits(store)
    answers = [store.write(count(f"n{number:03}")) for number in range(GROUP + 1)]
    stopper.release()
    for answer in answers:
        answer.result(WAIT)
    assert len(names(store)) == GROUP + 1
    assert len(seen) == 3  # the stopper's own, one full group, one for the last


def test_a_failing_unit_harms_no_other_of_its_commit(store: Store) -> None:
    """A unit that raises is rolled back and told its own error; its neighbours are stored."""

    def broken(tx: Tx) -> None:
        count("half")(tx)
        raise LookupError("mine")

    stopper = Stopper(store)
    before, bad, after = store.write(count("a")), store.write(broken), store.write(count("b"))
    stopper.release()
    with pytest.raises(LookupError, match="mine"):
        bad.result(WAIT)
    before.result(WAIT), after.result(WAIT)
    assert names(store) == ["a", "b"]
    assert store.healthy


def test_a_lone_failing_unit_leaves_nothing(store: Store) -> None:
    """Without neighbours the same holds: nothing of a unit that raised is stored."""

    def broken(tx: Tx) -> None:
        count("half")(tx)
        raise LookupError("mine")

    with pytest.raises(LookupError):
        store.write(broken).result(WAIT)
    assert names(store) == []


def test_a_unit_the_database_refuses_harms_no_other(store: Store) -> None:
    """A statement that breaks the whole transaction costs its own unit an error and the others nothing."""

    def nonsense(tx: Tx) -> None:
        tx.execute(text("SELECT no_such_thing FROM nowhere"))

    stopper = Stopper(store)
    before, bad, after = store.write(count("a")), store.write(nonsense), store.write(count("b"))
    stopper.release()
    before.result(WAIT), after.result(WAIT)
    with pytest.raises(Temporary):
        bad.result(WAIT)
    assert names(store) == ["a", "b"]


def test_what_can_never_be_stored_is_no_trouble_of_the_database(store: Store) -> None:
    """A value beyond the column is the unit's own fault: it is told so, and so can be parked after its tries (P8)."""
    stopper = Stopper(store)
    before, bad = store.write(count("a")), store.write(count("huge", 2**70))
    stopper.release()
    before.result(WAIT)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each driver has its own class
        bad.result(WAIT)
    assert not isinstance(caught.value, Temporary)
    assert store.healthy


def test_a_key_too_long_for_an_index_is_the_units_own_fault(store: Store) -> None:
    """PostgreSQL refuses keys beyond a third of a page where SQLite takes them; the refusal must not look temporary."""
    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000))
    answer = store.write(count(long))
    error = answer.exception(WAIT)
    assert not isinstance(error, Temporary)
    assert store.healthy
    assert (error is None) == (not store.postgres)


def test_a_lost_race_for_a_unique_key_is_run_again(store: Store) -> None:
    """The loser of a race for a key runs again, sees the winner, and answers as the second (P3)."""
    runs: list[int] = []

    def find_or_make(tx: Tx) -> str:
        runs.append(1)
        if len(runs) == 1:
            return _collide(tx)
        return str(tx.execute(select(tables.counter.c.name)).scalar_one())

    store.write(count("key")).result(WAIT)
    assert store.write(find_or_make).result(WAIT) == "key"
    assert len(runs) == 2


def _collide(tx: Tx) -> str:
    count("key")(tx)
    return "first"


def test_a_lost_race_within_a_group_keeps_the_others(store: Store) -> None:
    """Also among others a unit is run again, in its savepoint."""
    runs: list[int] = []

    def racing(tx: Tx) -> int:
        runs.append(1)
        if len(runs) < 3:
            count("key")(tx)
        return len(runs)

    store.write(count("key")).result(WAIT)
    stopper = Stopper(store)
    before, race, after = store.write(count("a")), store.write(racing), store.write(count("b"))
    stopper.release()
    assert race.result(WAIT) == 3
    before.result(WAIT), after.result(WAIT)
    assert names(store) == ["a", "b", "key"]


def test_a_key_that_is_always_taken_is_told_after_some_tries(store: Store) -> None:
    """Running again ends: the unit is answered with Temporary, and the store is not called ill for it."""
    runs: list[int] = []

    def hopeless(tx: Tx) -> None:
        runs.append(1)
        count("key")(tx)

    store.write(count("key")).result(WAIT)
    with pytest.raises(Temporary):
        store.write(hopeless).result(WAIT)
    assert len(runs) == ATTEMPTS + 1
    assert store.healthy


def test_answers_come_in_the_order_of_the_questions(store: Store) -> None:
    """Units see what the units before them wrote, also within one commit."""
    stopper = Stopper(store)
    answers = [store.write(lambda tx: next_values(tx, ["n"])[0]) for _ in range(20)]
    stopper.release()
    assert [answer.result(WAIT) for answer in answers] == list(range(1, 21))


def test_serial_units_of_two_nodes_run_one_after_the_other(store: Store) -> None:
    """Tickets are made under one lock over all nodes, so that two never read the same counter."""
    other = Store(store.url)

    def read_then_write(tx: Tx) -> None:
        row = tx.execute(select(tables.counter.c.value).where(tables.counter.c.name == "n")).scalar_one()
        tx.execute(update(tables.counter).where(tables.counter.c.name == "n").values(value=row + 1))

    store.write(count("n", 0)).result(WAIT)
    answers = [one.write(read_then_write, serial=True) for _ in range(15) for one in (store, other)]
    for answer in answers:
        answer.result(WAIT)
    other.close()
    assert store.read(lambda tx: tx.execute(select(tables.counter.c.value)).scalar_one()) == 30


def test_a_connection_lost_in_the_middle_stores_none_of_the_group(store: Store) -> None:
    """The server ends our session: every unit is told to try again, and the next one is stored (P29)."""
    if not store.postgres:
        return

    def end_session(tx: Tx) -> None:
        tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    stopper = Stopper(store)
    answers = [store.write(count("a")), store.write(end_session), store.write(count("b"))]
    stopper.release()
    assert [type(answer.exception(WAIT)) for answer in answers] == [Temporary] * 3
    store.write(count("c")).result(WAIT)
    assert names(store) == ["c"]

"""The unit of work: many in one commit, none harmed by another, answers only after the commit (P1, F17)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from doubles.postgres import PostgresServer
from doubles.programs import require
from doubles.stores import postgres_store, sqlite_store
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import OperationalError

from ingestd.errors import Temporary
from ingestd.store import tables
from ingestd.store.counters import next_value
from ingestd.store.session import ATTEMPTS, GROUP, Store, Tx

WAIT = 30


class Stopper:
    """A unit that holds the writer until it is released, so that the units behind it wait for one commit."""

    def __init__(self, store: Store) -> None:
        self._begun, self._free = threading.Event(), threading.Event()
        self.answer = store.write(self._hold)
        assert self._begun.wait(WAIT)

    def _hold(self, _tx: Tx) -> None:
        self._begun.set()
        assert self._free.wait(WAIT)

    def release(self) -> None:
        """Let the writer go on."""
        self._free.set()


def count(name: str, value: int = 1) -> Callable[[Tx], None]:
    """A unit that writes one counter row; a second one of the same name breaks the primary key."""

    def unit(tx: Tx) -> None:
        tx.execute(insert(tables.counter).values(name=name, value=value))

    return unit


def names(store: Store) -> list[str]:
    """The names of all counters that are committed."""
    return sorted(store.read(lambda tx: list(tx.execute(select(tables.counter.c.name)).scalars())))


def commits(store: Store) -> list[str]:
    """A list that grows by one with each commit of the writer."""
    seen: list[str] = []
    event.listen(store.engine, "commit", lambda _connection: seen.append("commit"))
    return seen


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


def test_signals_come_after_the_commit(store: Store) -> None:
    """A loop is woken only when what wakes it is there for it to read."""
    seen: list[tuple[str, list[str]]] = []
    told = threading.Event()

    def listener(signal: str) -> None:
        seen.append((signal, names(store)))
        told.set()

    def unit(tx: Tx) -> None:
        count("a")(tx)
        tx.signal("deliver")

    store.on_signal(listener)
    store.write(unit).result(WAIT)
    assert told.wait(WAIT)
    assert seen == [("deliver", ["a"])]


def test_a_unit_that_had_to_run_again_still_wakes_its_loop(store: Store) -> None:
    """A lost race must not cost the wake-up."""
    runs: list[int] = []
    told = threading.Event()

    def unit(tx: Tx) -> None:
        runs.append(1)
        if len(runs) == 1:
            count("key")(tx)
        tx.signal("process")

    store.write(count("key")).result(WAIT)
    store.on_signal(lambda _signal: told.set())
    store.write(unit).result(WAIT)
    assert told.wait(WAIT)


def test_a_unit_that_failed_wakes_nobody(store: Store) -> None:
    """What was rolled back has no consequences."""
    seen: list[str] = []

    def unit(tx: Tx) -> None:
        tx.signal("deliver")
        raise LookupError

    store.on_signal(seen.append)
    assert isinstance(store.write(unit).exception(WAIT), LookupError)
    store.write(count("a")).result(WAIT)
    assert seen == []


def test_answers_come_in_the_order_of_the_questions(store: Store) -> None:
    """Units see what the units before them wrote, also within one commit."""
    stopper = Stopper(store)
    answers = [store.write(lambda tx: next_value(tx, "n")) for _ in range(20)]
    stopper.release()
    assert [answer.result(WAIT) for answer in answers] == list(range(1, 21))


def test_close_finishes_what_waits(store: Store) -> None:
    """No unit that was taken is forgotten when the store is closed (P16)."""
    stopper = Stopper(store)
    answers = [store.write(count(f"n{number}")) for number in range(5)]
    closing = threading.Thread(target=store.close)
    closing.start()
    stopper.release()
    closing.join(WAIT)
    assert [answer.exception(WAIT) for answer in answers] == [None] * 5


def test_a_unit_taken_back_before_its_turn_is_not_run(store: Store) -> None:
    """Whoever no longer waits takes his unit back; the writer lives on, whatever the moment."""
    stopper = Stopper(store)
    taken_back, next_one = store.write(count("gone")), store.write(count("stays"))
    assert taken_back.cancel()
    stopper.release()
    next_one.result(WAIT)
    with pytest.raises(CancelledError):
        taken_back.result(WAIT)
    assert names(store) == ["stays"]


def test_a_unit_cannot_be_taken_back_once_it_runs(store: Store) -> None:
    """From its turn on a unit has an answer; a cancelled wait must not kill the writer."""
    stopper = Stopper(store)
    assert not stopper.answer.cancel()
    stopper.release()
    stopper.answer.result(WAIT)
    store.write(count("a")).result(WAIT)
    assert names(store) == ["a"]


def test_a_broken_database_is_temporary(tmp_path: Path) -> None:
    """An unknown failure is temporary, says nothing of the inside, and readyz can see it."""
    store = sqlite_store(tmp_path)
    store.write(count("a")).result(WAIT)

    def broken(_tx: Tx) -> None:
        raise OperationalError("INSERT INTO secret", {}, Exception("disk I/O error"))

    with pytest.raises(Temporary) as caught:
        store.write(broken).result(WAIT)
    assert caught.value.sentence == "the store cannot be written right now"
    assert not store.healthy
    store.write(count("b")).result(WAIT)
    assert store.healthy
    store.close()


def test_a_full_disk_has_its_own_code(tmp_path: Path) -> None:
    """The door can answer 452 where the disk is full (P20)."""
    store = sqlite_store(tmp_path)

    def full(_tx: Tx) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    error = store.write(full).exception(WAIT)
    assert isinstance(error, Temporary)
    assert error.code == "storage-full"
    store.close()


@pytest.mark.servers
def test_a_server_that_is_away_is_temporary_and_comes_back() -> None:
    """A crash of PostgreSQL costs an error, not the store: the next unit after its return is stored (P29)."""
    with PostgresServer(require("postgresql")) as server:
        store, _ = postgres_store(server)
        store.write(count("a")).result(WAIT)
        server.stop()
        assert isinstance(store.write(count("b")).exception(WAIT), Temporary)
        with pytest.raises(Temporary):
            names(store)
        server.start()
        store.write(count("c")).result(WAIT)
        assert names(store) == ["a", "c"]
        store.close()


def test_a_reader_does_not_wait_for_the_writer(store: Store) -> None:
    """Pages and queues are read while a unit of work is under way."""
    store.write(count("a")).result(WAIT)
    stopper = Stopper(store)
    assert names(store) == ["a"]
    stopper.release()
    stopper.answer.result(WAIT)


def test_fenced_units_are_refused_together_and_others_pass(store: Store) -> None:
    """When the lease is lost, fenced units write nothing; what needs no lease still does (P28)."""

    def lost(_tx: Tx) -> None:
        raise Temporary("gone", code="lease-lost")

    store.fence = lost
    stopper = Stopper(store)
    fenced, free = store.write(count("fenced"), fenced=True), store.write(count("free"))
    stopper.release()
    free.result(WAIT)
    error = fenced.exception(WAIT)
    assert isinstance(error, Temporary)
    assert error.code == "lease-lost"
    assert names(store) == ["free"]


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

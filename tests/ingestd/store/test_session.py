"""The one way into the database: answers and signals after the commit, a fence before it (P1, P28, F17)."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest
from doubles.postgres import PostgresServer
from doubles.programs import require
from doubles.stores import postgres_store, sqlite_store
from doubles.units import WAIT, Stopper, count, names
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ingestd.errors import Temporary
from ingestd.store.session import Store, Tx


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


@pytest.mark.servers
def test_a_connection_that_died_while_nobody_used_it_costs_nothing() -> None:
    """Before COMMIT is sent nothing can have happened, so the unit runs again on a new connection (F17)."""
    with PostgresServer(require("postgresql")) as server:
        store, _ = postgres_store(server)
        store.write(count("a")).result(WAIT)
        ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        store.read(lambda tx: tx.execute(ended).all())
        store.write(count("b")).result(WAIT)
        assert names(store) == ["a", "b"]
        store.close()


def test_a_unit_whose_commit_has_no_answer_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether it is stored: only the caller can tell whether to ask once more."""
    store = sqlite_store(tmp_path)
    store.write(count("a")).result(WAIT)
    dialect, runs = store.engine.dialect, []
    commit = dialect.do_commit

    def lose_the_answer(connection: Any) -> None:
        commit(connection)
        raise sqlite3.OperationalError("server closed the connection unexpectedly")

    def unit(tx: Tx) -> None:
        runs.append("once")
        count("b")(tx)

    with monkeypatch.context() as patched:
        patched.setattr(dialect, "do_commit", lose_the_answer)
        patched.setattr(dialect, "is_disconnect", lambda *_: True)
        assert isinstance(store.write(unit).exception(WAIT), Temporary)
    assert runs == ["once"]
    assert names(store) == ["a", "b"]
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

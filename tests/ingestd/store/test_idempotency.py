"""Doing a write once: the answer is remembered in the transaction that did the work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from ingestd import clock
from ingestd.errors import Permanent
from ingestd.store import tables
from ingestd.store.idempotency import Keyed, Once, Replay, forget
from ingestd.store.session import Store, Tx

WAIT = 30


def once(store: Store, key: str = "k", request: str = "r") -> Once:
    return Once(store, Keyed("token", key, request), lambda value: f"answer {value}")


def add(tx: Tx) -> int:
    tx.execute(insert(tables.counter).values(name=f"c{len(added(tx))}", value=1))
    return len(added(tx))


def added(tx: Tx) -> list[str]:
    return list(tx.execute(select(tables.counter.c.name)).scalars())


def test_the_second_time_the_first_answer_is_told(store: Store) -> None:
    """The work is not done again; whoever asks gets what was answered then."""
    assert once(store).write(add).result(WAIT) == 1
    with pytest.raises(Replay) as replay:
        once(store).write(add).result(WAIT)
    assert (replay.value.answer, store.read(added)) == ("answer 1", ["c0"])


def test_two_at_once_do_it_once(store: Store) -> None:
    """Whoever comes second finds the first one's answer, however close behind."""
    futures = [once(store).write(add) for _ in range(8)]
    errors = [future.exception(WAIT) for future in futures]
    assert sum(error is None for error in errors) == 1
    assert all(isinstance(error, Replay) for error in errors if error)
    assert len(store.read(added)) == 1


def test_the_same_key_for_another_request_is_refused(store: Store) -> None:
    """A key names one request."""
    once(store).write(add).result(WAIT)
    with pytest.raises(Permanent) as refusal:
        once(store, request="other").write(add).result(WAIT)
    assert (refusal.value.code, len(store.read(added))) == ("idempotency-key", 1)


def test_a_failed_write_is_not_remembered(store: Store) -> None:
    """It changed nothing, so it may be tried again under its key."""

    def fail(tx: Tx) -> int:
        add(tx)
        raise Permanent("no", code="no")

    with pytest.raises(Permanent):
        once(store).write(fail).result(WAIT)
    assert once(store).write(add).result(WAIT) == 1


def test_an_empty_answer_is_not_remembered(store: Store) -> None:
    """Nothing was done, so the next try is a first one."""
    assert once(store).write(lambda tx: ()).result(WAIT) == ()
    assert once(store).write(add).result(WAIT) == 1


def test_reads_pass_through(store: Store) -> None:
    """Only writing is special."""
    assert once(store).read(added) == []


def test_old_answers_are_forgotten(store: Store) -> None:
    """Keys older than a caller's patience are dropped; the younger stay."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda key: once(store, key).write(add).result(WAIT), ("a", "b")))
    now = clock.now()
    assert store.write(lambda tx: forget(tx, now - timedelta(days=1))).result(WAIT) == 0
    assert store.write(lambda tx: forget(tx, now + timedelta(days=1))).result(WAIT) == 2

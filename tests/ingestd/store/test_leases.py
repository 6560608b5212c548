"""Leases and their fencing numbers: one owner at a time, and the sleeper can prove nothing (P27, P28)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from doubles.mailroom import WAIT
from sqlalchemy import insert, select, update

from ingestd.errors import Temporary
from ingestd.store import leases, tables
from ingestd.store.leases import Lease
from ingestd.store.session import Store, Tx

T = TypeVar("T")
TERM = timedelta(seconds=20)


def do(store: Store, unit: Callable[[Tx], T]) -> T:
    """Run one unit of work."""
    return store.write(unit).result(WAIT)


def acquire(store: Store, owner: str) -> Lease | None:
    """Take the lease ``mailbox`` for this owner."""
    return do(store, lambda tx: leases.acquire(tx, "mailbox", owner, TERM))


def expire(store: Store) -> None:
    """Let all leases run out, as time would."""
    past = do(store, leases.database_now) - timedelta(seconds=1)
    do(store, lambda tx: tx.execute(update(tables.lease).values(expires_at=past)))


def held(store: Store) -> frozenset[str]:
    """Who holds claims that count."""
    return store.read(leases.live_holders)


def test_one_owner_at_a_time(store: Store) -> None:
    """While one holds it, another gets nothing and is told so."""
    assert acquire(store, "a") == Lease("mailbox", "a", 1)
    assert acquire(store, "b") is None
    assert held(store) == {"mailbox#1"}


def test_an_expired_lease_is_taken_over_with_a_higher_fence(store: Store) -> None:
    """The new owner's number is higher, so that what bears the old one is recognised (P27)."""
    acquire(store, "a")
    expire(store)
    assert acquire(store, "b") == Lease("mailbox", "b", 2)
    assert held(store) == {"mailbox#2"}


def test_a_restarted_node_takes_its_own_lease_at_once(store: Store) -> None:
    """After a crash nobody waits for the term; the claims of the process before are free (P2)."""
    first, second = acquire(store, "a"), acquire(store, "a")
    assert first is not None
    assert second is not None
    assert (second.fence, second.holder in held(store), first.holder in held(store)) == (2, True, False)


def test_a_lease_is_renewed_while_it_holds_and_not_after(store: Store) -> None:
    """Who slept past the expiry does not get it back by renewing (P28)."""
    lease = acquire(store, "a")
    assert lease is not None
    assert do(store, lambda tx: leases.renew(tx, lease, TERM))
    expire(store)
    assert not do(store, lambda tx: leases.renew(tx, lease, TERM))


def test_the_sleeper_is_refused_in_the_very_transaction(store: Store) -> None:
    """The fence is checked where the writing happens: expired, taken over or released, nothing is written (P28)."""
    lease = acquire(store, "a")
    assert lease is not None
    store.fence = lambda tx: leases.assert_held(tx, lease)
    write = insert(tables.counter)
    store.write(lambda tx: tx.execute(write.values(name="held", value=1)), fenced=True).result(WAIT)
    expire(store)
    refused = store.write(lambda tx: tx.execute(write.values(name="asleep", value=1)), fenced=True)
    with pytest.raises(Temporary, match="lost its lease"):
        refused.result(WAIT)
    assert store.read(lambda tx: tx.execute(select(tables.counter.c.name)).scalars().all()) == ["held"]


def test_a_taken_over_lease_does_not_hold_for_its_old_owner(store: Store) -> None:
    """Even unexpired, another fence is not ours."""
    old = acquire(store, "a")
    acquire(store, "a")
    assert old is not None
    with pytest.raises(Temporary):
        do(store, lambda tx: leases.assert_held(tx, old))
    do(store, lambda tx: leases.release(tx, old))
    assert held(store) == {"mailbox#2"}


def test_a_released_lease_is_free_at_once(store: Store) -> None:
    """After a clean stop the other node takes over without waiting for the term (P16)."""
    lease = acquire(store, "a")
    assert lease is not None
    do(store, lambda tx: leases.release(tx, lease))
    assert held(store) == frozenset()
    assert acquire(store, "b") == Lease("mailbox", "b", 2)


def test_two_that_ask_at_once_do_not_both_get_it(store: Store) -> None:
    """The very first taking is a race for a unique key; the loser sees the winner."""
    other = Store(store.url)
    answers = [one.write(lambda tx, n=name: leases.acquire(tx, "fresh", n, TERM)) for one, name in
               ((store, "a"), (other, "b"))]  # fmt: skip
    assert [answer.result(WAIT) is None for answer in answers].count(True) == 1
    other.close()


def test_nodes_long_gone_are_forgotten(store: Store) -> None:
    """The table does not grow with every host name there ever was; a living lease stays."""
    acquire(store, "a")
    do(store, lambda tx: leases.forget_expired(tx, timedelta(days=1)))
    assert held(store) == {"mailbox#1"}
    long_ago = do(store, leases.database_now) - timedelta(days=2)
    do(store, lambda tx: tx.execute(update(tables.lease).values(expires_at=long_ago)))
    do(store, lambda tx: leases.forget_expired(tx, timedelta(days=1)))
    assert store.read(lambda tx: tx.execute(select(tables.lease)).all()) == []

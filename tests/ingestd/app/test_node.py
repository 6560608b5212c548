"""This node among others: its lease, its fence, and one daemon to a state directory (P27, P28)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from doubles.mailroom import NOON, WAIT, Mailroom, deciding, mail
from sqlalchemy import insert, select, update

from ingestd.app import node
from ingestd.app.node import Node, OneDaemon
from ingestd.errors import ConfigError, Temporary
from ingestd.store import leases, tables
from ingestd.store.session import Store

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of keeping takes no time here."""
    monkeypatch.setattr(node, "RENEW_SECONDS", 0.0)


def write_fenced(store: Store, name: str) -> BaseException | None:
    """Write one row under the node's fence; return what was answered."""
    unit = insert(tables.counter).values(name=name, value=1)
    return store.write(lambda tx: tx.execute(unit), fenced=True).exception(WAIT)


def lease_row(store: Store) -> tuple[str, int]:
    """Owner and fence of the only lease."""
    row = store.read(lambda tx: tx.execute(select(tables.lease)).one())
    return row.owner, row.fence


def sleep_beyond_the_term(store: Store) -> None:
    """What SIGSTOP and SIGCONT do to a lease."""
    past = store.read(leases.database_now) - timedelta(seconds=1)
    store.write(lambda tx: tx.execute(update(tables.lease).values(expires_at=past))).result(WAIT)


async def test_a_node_that_joined_may_write_and_claim(store: Store) -> None:
    """Its name changes with every lease, so that old claims are told from new ones."""
    first = Node(store, "a")
    assert first.holder == ""
    await first.join()
    assert first.holder == "node:a#1"
    assert write_fenced(store, "x") is None
    again = Node(store, "a")
    await again.join()
    assert again.holder == "node:a#2"


async def test_the_sleeper_writes_nothing_and_then_begins_anew(store: Store) -> None:
    """After the term is over its units are refused; the next round takes a new lease, the old claims are free (P28)."""
    room, sleeper = Mailroom(store, deciding()), Node(store, "a")
    await sleeper.join()
    room.keep(mail(), NOON)
    room.holder = sleeper.holder
    assert room.claim(NOON)
    sleep_beyond_the_term(store)
    error = write_fenced(store, "asleep")
    assert isinstance(error, Temporary)
    assert error.code == "lease-lost"
    await sleeper.keep()
    assert sleeper.holder == "node:a#2"
    assert write_fenced(store, "awake") is None
    room.holder = sleeper.holder
    assert room.claim(NOON)


async def test_a_node_that_is_awake_keeps_its_lease(store: Store) -> None:
    """Renewing changes no name: what is claimed stays claimed."""
    awake = Node(store, "a")
    await awake.join()
    before = store.read(lambda tx: tx.execute(select(tables.lease.c.expires_at)).scalar_one())
    await awake.keep()
    assert awake.holder == "node:a#1"
    assert store.read(lambda tx: tx.execute(select(tables.lease.c.expires_at)).scalar_one()) > before


async def test_a_store_that_is_away_for_a_round_ends_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The node asks again; its lease lives on if it comes back in time."""
    awake = Node(store, "a")
    await awake.join()

    def away(*_: object) -> bool:
        raise Temporary("away", code="store")

    with monkeypatch.context() as patched:
        patched.setattr(leases, "renew", away)
        await awake.keep()
    await awake.keep()
    assert awake.holder == "node:a#1"


async def test_a_clean_stop_hands_everything_over_at_once(store: Store) -> None:
    """Claims and lease are given back; the other node need not wait for the term (P16)."""
    room, leaving, other = Mailroom(store, deciding()), Node(store, "a"), Node(store, "b")
    await other.join()
    await leaving.join()
    room.keep(mail(), NOON)
    room.holder = leaving.holder
    assert room.claim(NOON)
    await leaving.leave()
    assert isinstance(write_fenced(store, "late"), Temporary)
    room.holder = other.holder
    (claimed,) = room.claim(NOON)
    assert claimed.attempts == 1


async def test_leaving_before_joining_is_nothing(store: Store) -> None:
    """A start that failed early has nothing to give back."""
    await Node(store, "a").leave()
    assert store.read(lambda tx: tx.execute(select(tables.lease)).all()) == []


async def test_a_name_taken_over_by_another_owner_is_refused(store: Store) -> None:
    """Two machines with one name: the second one says so instead of taking the first one's work."""
    store.write(lambda tx: leases.acquire(tx, "node:a", "somebody else", timedelta(minutes=1))).result(WAIT)
    with pytest.raises(Temporary, match="another node runs as a"):
        await Node(store, "a").join()
    assert lease_row(store) == ("somebody else", 1)


def test_a_second_daemon_on_one_state_directory_is_refused(tmp_path: Path) -> None:
    """The second one says what to do; after the first has gone, however it went, the next may start."""
    first = OneDaemon(tmp_path)
    with pytest.raises(ConfigError, match=r"another ingestd runs on .*stop it"):
        OneDaemon(tmp_path)
    first.release()
    OneDaemon(tmp_path).release()
